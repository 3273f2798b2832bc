"""Timeline files: what is read, what is refused and where, and that nothing else can happen."""

import json
from pathlib import Path

import pytest

from mockserver import resources
from mockserver.documents.source import Source
from mockserver.errors import MockServerError, TimelineError, UnknownName, UnreadableFile
from mockserver.timeline.find import find
from mockserver.timeline.model import FLOATING_EPOCH_MS, Begin, GoodClient, Step, Timeline
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load
from support.cases import MarkedText, data, marked, source, table

SCRIPT = "jobs:\n- total_size_bytes: 1000\n  script:\n"
JOB = "jobs:\n- total_size_bytes: 1000\n  script: [paused]\n"


def read(text: str, path: str = "t.yaml") -> Timeline:
    return load(Source(path, text))


def test_everything_a_file_can_say_is_read() -> None:
    timeline = read(source(__file__, "whole.yaml").text, "some/folder/mine.yaml")
    assert timeline.name == "mine"
    assert timeline.description == "Pauses at 40 %, resumes after five seconds, completes."
    assert timeline.edition == "2026-01"
    assert timeline.epoch_ms == 1_759_777_087_291
    assert not timeline.floating
    (job,) = timeline.jobs
    assert (job.job_id, job.model, job.listed) == ("job_493c7c9ded", "ibm/granite-4-micro", False)
    assert (job.total_size_bytes, job.begin) == (1001, Begin(at_ms=1_759_505_603_496))
    assert job.steps == (
        Step("downloading", 8_000, None, 0, 400, 50.0),
        Step("downloading", 2_000, "wake", 400, 400, 50.0),
        Step("paused", 5_000, None, 400, 400),
        Step("downloading", 72_000, None, 400, 1000, 600 / 72),
        Step("failed", None, "resume", 1000, 1000),
        Step("gone", 500, None, 1000, 1000),
        Step("downloading", 3_000, None, 1000, 1001, 1 / 3),
        Step("completed", 3_600_000, None, 1001, 1001),
        Step("gone", None, None, 1001, 1001),
    )
    assert [step.is_endless for step in job.steps] == [False] * 8 + [True]
    assert timeline.faults == ()
    assert timeline.good_client == GoodClient("either", "stops when it is gone.")


def test_what_may_be_left_out_has_a_default() -> None:
    timeline = read(JOB)
    assert timeline.edition == resources.DEFAULT_EDITION
    assert timeline.description is None
    assert timeline.epoch_ms == FLOATING_EPOCH_MS
    assert timeline.floating
    assert timeline.jobs[0].model is None
    assert timeline.jobs[0].listed
    assert timeline.jobs[0].begin == Begin()
    assert timeline.job(timeline.jobs[0].job_id) is timeline.jobs[0]
    assert timeline.job("job_0000000000") is None


def test_json_is_fine_too() -> None:
    text = json.dumps({"jobs": [{"total_size_bytes": 0, "script": ["completed"]}]})
    assert read(text, "t.json").jobs[0].steps == (Step("completed", None, None, 0, 0),)


@pytest.mark.parametrize(
    ("said", "begin"),
    [
        ("begins: at start", Begin()),
        ("begins: on request", Begin(on_request=True)),
        ("begins: 1m30s", Begin(after_ms=90_000)),
        ("begins: 87600h", Begin(after_ms=315_360_000_000)),
        ("started_at: 2025-10-03T17:33:23.496+02:00", Begin(at_ms=1_759_505_603_496)),
        ("begins: at start\n  started_at: 1970-01-01T00:00:00.1Z", Begin(at_ms=100)),
    ],
)
def test_a_job_begins_when_its_file_says(said: str, begin: Begin) -> None:
    timeline = read(JOB + f"  {said}\n")
    assert timeline.jobs[0].begin == begin
    assert timeline.floating == (begin.at_ms is None)
    assert timeline.epoch_ms == (FLOATING_EPOCH_MS if begin.at_ms is None else begin.at_ms)


def test_the_clock_shows_the_earliest_of_the_beginnings_at_first() -> None:
    late, early = "2025-10-03T15:33:23.496Z", "2025-10-03T15:33:23.495Z"
    two = JOB + f"  started_at: {late}\n" + JOB.removeprefix("jobs:\n")
    assert read(two + f"  started_at: {early}\n").epoch_ms == FLOATING_EPOCH_MS - 1
    assert read(two + f"starts_at: {early}\n").epoch_ms == FLOATING_EPOCH_MS - 1
    assert not read(two).floating


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("copies: 3", [0, 0, 0]),
        ("copies: 3\n  every: 20ms", [0, 20, 40]),
        ("copies: 3\n  every: 20ms\n  begins: 1s", [1_000, 1_020, 1_040]),
        ("copies: 2\n  begins: 1s", [1_000, 1_000]),
        ("copies: 1\n  every: 87600h", [0]),
    ],
)
def test_copies_begin_one_after_the_other(said: str, begins: list[int]) -> None:
    jobs = read(JOB + f"  model: m\n  {said}\n").jobs
    assert [job.begin for job in jobs] == [Begin(after_ms=after) for after in begins]
    assert len({job.job_id for job in jobs}) == len(jobs)
    assert {job.model for job in jobs} == {"m"}
    assert len({job.steps for job in jobs}) == 1


def test_copies_have_the_ids_that_as_many_jobs_would_have() -> None:
    other = JOB.removeprefix("jobs:\n")
    copied = read(JOB + "  copies: 2\n" + other)
    single = read(JOB + other + other)
    assert [job.job_id for job in copied.jobs] == [job.job_id for job in single.jobs]


def test_ids_are_made_from_the_files_name_and_the_jobs_place() -> None:
    two = JOB + "- total_size_bytes: 1\n  script: [paused]\n"
    ids = [job.job_id for job in read(two, "a/b.yaml").jobs]
    assert ids == [job.job_id for job in read(two, "c\\b.yml").jobs]
    assert ids != [job.job_id for job in read(two, "other.yaml").jobs]
    assert ids == ["job_d3aab31d0c", "job_b1a31359cc"]


@pytest.mark.parametrize(
    ("total", "share", "goal"),
    [
        (100, "29%", 29),  # 100 * 0.29 is 28.999999999999996
        (1_000, "57.9%", 579),
        (3, "66.7%", 2),
        (2**53 - 1, "99.9%", 8_998_192_055_486_250),
        (2**53 - 1, "100.0%", 2**53 - 1),
    ],
)
def test_a_share_is_exact_and_rounded_down_to_whole_bytes(
    total: int, share: str, goal: int
) -> None:
    text = f"jobs: [{{total_size_bytes: {total}, script: [downloading: {{for: 1s, to: {share}}}"
    assert read(f"{text}, paused]}}]\n").jobs[0].steps[0].to_bytes == goal


@pytest.mark.parametrize("job_id", ["job_1", "Auftrag 7", "ü%20?#", "x" * 200, "..."])
def test_other_ids_are_fine(job_id: str) -> None:
    assert read(JOB + f"  job_id: {json.dumps(job_id)}\n").jobs[0].job_id == job_id


REFUSED = [
    *marked(__file__, "refused-timeline"),
    *marked(__file__, "refused-job", JOB),
    *marked(__file__, "refused-script", SCRIPT),
    MarkedText("", 1, 1, ("the timeline is empty", "`jobs`")),
    MarkedText(JOB.replace("1000", "9" * 900), 2, 21, ("an enormous number",)),
]


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_with_its_place(case: MarkedText) -> None:
    with pytest.raises(TimelineError, match=r"^t\.yaml:") as caught:
        read(case.text)
    case.assert_marks(caught.value)


def test_text_that_is_no_yaml_is_refused_too() -> None:
    with pytest.raises(MockServerError, match=r"t\.yaml:2:1: "):
        read("jobs: [\n")


def bundled() -> dict[str, str]:
    return {name: find(name).text for name in resources.timeline_files()}


def test_the_bundled_timelines_are_there() -> None:
    assert set(bundled()) >= {"failed-midway", "healthy", "paused-then-resumed", "spec-example"}


@pytest.mark.parametrize("name", sorted(bundled()))
def test_a_bundled_timeline_loads_and_says_what_it_is(name: str) -> None:
    source = find(name)
    assert source.path == f"{name}.yaml"
    assert source.text.startswith("# ")
    assert source.text.endswith("\n")
    timeline = load(source)
    assert timeline.name == name
    assert timeline.description


@table(__file__, "bundled")
def test_a_bundled_timeline_does_what_it_says(name: str, after_ms: int, status: str) -> None:
    playback = Playback.of(load(find(name)))
    assert [state.status for state in playback.at(playback.epoch_ms + after_ms)] == [status]


def test_the_speeds_of_the_healthy_download_differ() -> None:
    playback = Playback.of(load(find("healthy")))
    speeds = {
        state.bytes_per_second
        for second in range(20)
        for state in playback.at(playback.epoch_ms + second * 1000)
    }
    assert len(speeds) == 3


def test_the_documentations_examples_come_out_digit_for_digit() -> None:
    documented = data(__file__, "spec-example")
    playback = Playback.of(load(find("spec-example")))
    states = playback.at(playback.epoch_ms)
    assert json.dumps(list_payload(states)) == json.dumps(documented["list_status"])
    state = playback.job_at("job_493c7c9ded", playback.epoch_ms)
    assert state is not None
    assert json.dumps(job_payload(state)) == json.dumps(documented["job_status"])


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(JOB, encoding="utf-8")
    assert find(path) == find(str(path)) == Source(str(path), JOB)
    bare = tmp_path / "healthy"
    bare.write_text(JOB, encoding="utf-8")
    assert find(bare).text == JOB
    with pytest.raises(UnreadableFile, match=r"missing\.json"):
        find("missing.json")
    with pytest.raises(UnreadableFile):
        find(str(tmp_path / "healthy.yml"))


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="unknown timeline 'helthy'; did you mean healthy"):
        find("helthy")
