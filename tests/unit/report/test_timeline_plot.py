"""Charts of timelines: what they show is what the server would say, and it stays in its frame."""

import json
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import resources
from mockserver.documents.source import Source
from mockserver.documents.text import cells, clipped, duration, wrapped
from mockserver.errors import UnknownName
from mockserver.report import chart_svg, chart_text
from mockserver.report.chart import Chart, time_axis
from mockserver.report.timeline_chart import MAX_LANES, chart_of
from mockserver.timeline.find import find
from mockserver.timeline.model import Event
from mockserver.timeline.playback import Playback, length
from mockserver.timeline.reader import load
from support.cases import table
from support.timelines import documents, loaded, stories

YEAR_MS = 365 * 24 * 3_600_000
SVG = "{http://www.w3.org/2000/svg}"

DOWNLOAD = [{"downloading": {"for": "8s", "to": "40%"}}, {"paused": {"until": "resume"}}]
THEN = [{"downloading": {"for": "10s", "to": "100%"}}, "completed"]


def played(*script: Any, events: tuple[str, ...] = (), **rest: Any) -> Playback:
    """One job of a thousand bytes with this script; events as `resume@10` in seconds."""
    job = {"job_id": "job_a", "total_size_bytes": 1000, "script": list(script)}
    playback = Playback.of(loaded({**job, **rest.pop("job", {})}, **rest))
    for event in events:
        name, _, at = event.partition("@")
        playback = playback.after(Event(name, playback.epoch_ms + int(float(at) * 1000)))
    return playback


def text_of(drawn: Chart, width: int = 80, unicode: bool = True) -> list[str]:
    lines = chart_text.draw(drawn, width, unicode)
    return ["".join(piece for piece, _ in line) for line in lines]


def texts_in(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@st.composite
def playbacks(draw: st.DrawFn) -> Playback:
    """Any legal timeline with any events."""
    timeline = load(Source("made.json", json.dumps(draw(documents()))))
    return draw(stories(timeline))[-1].playback


ends = st.none() | st.integers(1, 3 * YEAR_MS)


class TestChart:
    @given(playbacks(), ends)
    def test_everything_lies_in_the_frame(self, playback: Playback, ends_ms: int | None) -> None:
        drawn = chart_of(playback, ends_ms=ends_ms)
        assert 1 <= len(drawn.lanes) <= MAX_LANES
        for lane in drawn.lanes:
            for span in lane.spans:
                assert 0 <= span.begins_ms < span.ends_ms <= drawn.ends_ms
                assert 0 <= span.from_share <= span.to_share <= 1
                assert span.goes_on <= (span.ends_ms == drawn.ends_ms)
            for before, after in pairwise(lane.spans):
                assert before.ends_ms <= after.begins_ms
                assert before.to_share <= after.from_share + 1e-9
        for band in drawn.bands:
            assert 0 <= band.begins_ms < band.ends_ms <= drawn.ends_ms
        assert all(0 <= mark.at_ms < drawn.ends_ms for mark in drawn.marks)

    @given(playbacks(), st.data())
    def test_a_span_shows_what_the_server_would_say(
        self, playback: Playback, data: st.DataObject
    ) -> None:
        job_id = data.draw(st.sampled_from(list(playback.schedules)))
        (lane,) = chart_of(playback, [job_id]).lanes
        for span in lane.spans:
            at = data.draw(st.integers(span.begins_ms, span.ends_ms - 1))
            state = playback.job_at(job_id, playback.epoch_ms + at)
            if span.kind == "gone":
                assert state is None
                continue
            assert state is not None
            assert state.status == ("downloading" if span.kind == "holding" else span.kind)
            total = state.total_size_bytes
            if total:
                assert span.share_at(at) == pytest.approx(
                    state.downloaded_bytes / total, abs=1 / total + 1e-9
                )

    @given(playbacks())
    def test_all_changes_of_the_jobs_drawn_are_seen(self, playback: Playback) -> None:
        job_id = next(iter(playback.schedules))
        (lane,) = chart_of(playback, [job_id]).lanes
        last = playback.schedules[job_id].stretches[-1:]
        if last and last[0].ends_ms is None:
            assert lane.spans[-1].goes_on
            assert lane.spans[-1].waits_for == last[0].step.until
        assert (lane.waits != "") == (playback.schedules[job_id].awaits is not None)

    def test_jobs_that_live_the_same_share_a_lane(self) -> None:
        alike = loaded({"total_size_bytes": 5, "script": ["paused"], "copies": 500})
        drawn = chart_of(Playback.of(alike))
        assert [lane.facts[0] for lane in drawn.lanes] == ["and 499 like it"]
        assert drawn.more == 0

    def test_what_is_left_out_is_counted(self) -> None:
        drawn = chart_of(Playback.of(load(find("many-jobs"))))
        assert len(drawn.lanes) == MAX_LANES
        assert drawn.more == 1000 - MAX_LANES
        assert drawn.lanes[0].name == "job_493c7c9ded"
        begins = [lane.spans[0].begins_ms for lane in drawn.lanes[1:]]
        assert begins == sorted(begins)
        assert begins[-1] == 9_980

    def test_a_job_by_its_id(self) -> None:
        playback = Playback.of(load(find("several-jobs")))
        drawn = chart_of(playback, ["job_8a2e6f90d3", "job_8a2e6f90d3"])
        assert [lane.name for lane in drawn.lanes] == ["job_8a2e6f90d3"]
        assert drawn.more == 0
        with pytest.raises(UnknownName, match="did you mean job_8a2e6f90d3"):
            chart_of(playback, ["job_8a2e6f90d4"])

    def test_a_window_that_outlasts_all_else_leaves_room_for_the_rest(self) -> None:
        fault = {"when": {"after": "2s", "for": "24h"}, "reply": {"status": 500}}
        drawn = chart_of(played(*DOWNLOAD, *THEN, faults=[fault]))
        assert drawn.ends_ms < 20_000
        assert [(band.begins_ms, band.goes_on) for band in drawn.bands] == [(2_000, True)]

    def test_of_many_windows_the_first_are_drawn_and_all_are_told(self) -> None:
        faults = [{"when": {"after": f"{at}ms"}, "delay": "1s"} for at in range(1, 41)]
        drawn = chart_of(played(*DOWNLOAD, *THEN, faults=faults))
        assert [band.number for band in drawn.bands] == list(range(1, 9))
        assert len(drawn.faults) == 40

    def test_an_event_that_nothing_waits_for_is_noted(self) -> None:
        drawn = chart_of(played(*DOWNLOAD, *THEN, events=("resume@3", "resume@9")))
        assert drawn.notes == ("Nothing waits for resume at 3 s: it changes nothing.",)
        assert [mark.at_ms for mark in drawn.marks] == [3_000, 9_000]
        assert drawn.lanes[0].waits == ""

    def test_what_replies_say_in_place_of_the_truth_is_noted(self) -> None:
        step = {"paused": {"report": {"status": "queued"}, "off_contract": True}}
        drawn = chart_of(played(step))
        assert drawn.lanes[0].spans[0].label == "queued"
        assert "from 0 s on" in drawn.notes[0]
        assert 'reports status "queued"; breaks the contract on purpose' in drawn.notes[0]


class TestText:
    @given(playbacks(), ends, st.integers(40, 160), st.booleans())
    def test_lines_fit_and_can_be_printed(
        self, playback: Playback, ends_ms: int | None, width: int, unicode: bool
    ) -> None:
        lines = text_of(chart_of(playback, ends_ms=ends_ms), width, unicode)
        assert lines
        for line in lines:
            assert cells(line) <= width
            assert line.isprintable()
            assert line == line.rstrip()
            assert unicode or line.isascii()

    @pytest.mark.parametrize("unicode", [True, False])
    @pytest.mark.parametrize("name", resources.timeline_files())
    def test_a_bundled_timeline_at_80_columns(self, name: str, unicode: bool) -> None:
        playback = Playback.of(load(find(name)))
        lines = text_of(chart_of(playback), 80, unicode)
        assert lines[0] == name
        assert max(map(cells, lines)) <= 80
        shown = "\n".join(lines)
        drawn = chart_of(playback)
        assert all(lane.name in shown for lane in drawn.lanes)
        assert all(f"\n{number:>3}  " in shown for number in range(1, len(drawn.faults)))

    def test_the_height_of_a_column_is_its_share(self) -> None:
        lines = text_of(chart_of(played("paused", job={"script": [*DOWNLOAD[:1], "paused"]})))
        rows = [line[7:] for line in lines if line[6:7] == "│"][:10]
        at_the_end = [row[-1:] for row in rows if len(row) == 72]
        assert len(at_the_end) == 4
        assert set(at_the_end) == {"▒"}
        first = "".join(row[:1] or " " for row in rows)
        assert first.strip() == "▁"

    def test_only_all_the_bytes_are_drawn_full(self) -> None:
        script = [{"downloading": {"for": "8s", "to": "99.9%"}}, "paused"]
        lines = text_of(chart_of(played(*script)), unicode=False)
        top = next(line for line in lines if line.startswith("100 %"))
        assert "=" not in top
        assert top.rstrip()[-1] in ".:"

    def test_statuses_stand_below_their_share(self) -> None:
        lines = text_of(chart_of(played(*DOWNLOAD, *THEN, events=("resume@13",))), 100)
        row = next(line for line in lines if line.startswith("  0 %"))
        words = [word.strip("─▸ ") for word in row.split("│")[1:]]
        assert words == ["downloading", "paused", "downloading", "completed"]
        assert row.endswith("▸")
        assert any(line.startswith("event") and "▾ resume" in line for line in lines)

    def test_where_it_waits_it_says_for_what(self) -> None:
        shown = "\n".join(text_of(chart_of(played(*DOWNLOAD, *THEN))))
        assert "waits for resume from 8 s on" in shown
        assert "?\n" in shown
        assert "completed" not in shown

    def test_a_short_step_keeps_a_column(self) -> None:
        blink = [{"paused": {"for": "10ms"}}, {"downloading": {"for": "1h", "to": "80%"}}, "failed"]
        lines = text_of(chart_of(played({"downloading": {"for": "1h", "to": "40%"}}, *blink)))
        row = next(line for line in lines if line.startswith("  0 %"))
        assert "─p│downloading" in row

    def test_a_job_without_bytes_has_a_status_only(self) -> None:
        lines = text_of(chart_of(Playback.of(load(find("zero-total")))))
        assert not any("%" in line for line in lines)
        assert any("│downloading" in line for line in lines)


HOSTILE: dict[str, Any] = {
    "description": "<script>alert(1)</script> & ]]> \x85 \u202e\u200b \x1b]0;title\x07 日本語 "
    + "long" * 60,
    "job": {"job_id": "job_<&>\"'é日本", "model": "evil<b>日本語"},
    "faults": [{"path": "/x<y>&", "reply": {"status": 299}}],
}


class TestHostileTexts:
    def test_are_escaped_in_a_picture(self) -> None:
        svg = chart_svg.draw(chart_of(played(*DOWNLOAD, *THEN, **HOSTILE)))
        root = ElementTree.fromstring(svg)
        assert not [node for node in root.iter() if node.tag == f"{SVG}script"]
        assert "<script" not in svg
        shown = " ".join(texts_in(svg))
        assert "<script>alert(1)</script> & ]]> \\u202e\\u200b" in shown
        assert "job_<&>\"'é日本" in shown
        assert "\\x1b]0;title\\x07" in shown
        assert "evil<b>" in shown
        assert "/x<y>&: 299" in shown

    @pytest.mark.parametrize("unicode", [True, False])
    @pytest.mark.parametrize("width", [40, 80])
    def test_are_printable_in_a_terminal(self, unicode: bool, width: int) -> None:
        lines = text_of(chart_of(played(*DOWNLOAD, *THEN, **HOSTILE)), width, unicode)
        assert all(line.isprintable() and cells(line) <= width for line in lines)
        shown = "\n".join(lines)
        assert ("日本語" in shown) == unicode
        assert ("\\u65e5" in shown) != unicode


class TestPicture:
    @given(playbacks(), ends)
    def test_it_is_xml_and_lies_in_its_frame(self, playback: Playback, ends_ms: int | None) -> None:
        drawn = chart_of(playback, ends_ms=ends_ms)
        root = ElementTree.fromstring(chart_svg.draw(drawn))
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for node in root.iter():
            points = [pair.split(",") for pair in node.get("points", "").split()]
            xs = [float(x) for x, _ in points]
            ys = [float(y) for _, y in points]
            xs += [float(node.attrib[key]) for key in ("x", "x1", "x2") if key in node.attrib]
            ys += [float(node.attrib[key]) for key in ("y", "y1", "y2") if key in node.attrib]
            if node.tag == f"{SVG}rect" and "x" in node.attrib:
                xs.append(xs[0] + float(node.attrib["width"]))
                ys.append(ys[0] + float(node.attrib["height"]))
            assert all(0 <= x <= width for x in xs), node.attrib
            assert all(0 <= y <= height for y in ys), node.attrib

    @pytest.mark.parametrize("name", resources.timeline_files())
    def test_a_bundled_timeline_says_what_it_is(self, name: str) -> None:
        timeline = load(find(name))
        drawn = chart_of(Playback.of(timeline))
        svg = chart_svg.draw(drawn)
        root = ElementTree.fromstring(svg)
        assert root.findtext(f"{SVG}title") == f"Timeline {name}"
        description = root.findtext(f"{SVG}desc") or ""
        assert (timeline.description or "?") in description
        assert all(lane.name in description for lane in drawn.lanes)
        assert root.attrib["aria-labelledby"] == "title description"
        shown = texts_in(svg)
        assert name in shown
        assert any("of virtual time since" in text for text in shown)
        has_scale = len(drawn.lanes) < 3 and any(lane.scale for lane in drawn.lanes)
        assert ("share of the bytes" in shown) == has_scale

    def test_events_faults_and_open_ends_are_marked(self) -> None:
        fault = {"when": {"after": "2s", "for": "3s"}, "delay": "1s"}
        again = [*DOWNLOAD, {"failed": {"until": "again"}}, "gone"]
        svg = chart_svg.draw(chart_of(played(*again, faults=[fault], events=("resume@13",))))
        shown = texts_in(svg)
        assert "▾ resume at 13 s" in shown
        assert "waits for again from 13 s on" in shown
        assert "fault 1" in shown
        assert "1. every request, from 2 s to 5 s: answered 1 s late" in shown
        classes = [node.get("class") for node in ElementTree.fromstring(svg).iter()]
        assert [classes.count(name) for name in ("mark", "window")] == [1, 1]
        assert "line failed goes-on" in classes

    def test_nothing_comes_from_outside(self) -> None:
        svg = chart_svg.draw(chart_of(played(*DOWNLOAD, *THEN)))
        outside = svg.replace("http://www.w3.org/2000/svg", "")
        assert "http" not in outside
        assert "url(" not in outside
        assert "href" not in outside
        assert "prefers-color-scheme: dark" in svg

    @pytest.mark.parametrize("name", ["several-jobs", "crash-mid-poll", "flapping", "new-status"])
    def test_texts_do_not_overlap(self, name: str) -> None:
        svg = chart_svg.draw(chart_of(Playback.of(load(find(name)))))
        boxes = [_box(node) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]
        clashes = [
            (box, other)
            for box, other in combinations(boxes, 2)
            if box[0] < other[1] and other[0] < box[1] and abs(box[2] - other[2]) < 10
        ]
        assert clashes == []


def _box(node: ElementTree.Element) -> tuple[float, float, float, str]:
    """About where a text is: from left to right, and on which line."""
    text = "".join(node.itertext())
    x, y, width = float(node.attrib["x"]), float(node.attrib["y"]), 6.0 * cells(text)
    if "transform" in node.attrib:
        return x - 6, x + 6, y, text
    anchor = node.get("text-anchor", "start")
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return left, left + width, y, text


class TestAxis:
    @given(st.integers(1, 10**15), st.integers(1, 40))
    def test_ticks_are_few_and_round(self, ends_ms: int, at_most: int) -> None:
        _, ticks = time_axis(ends_ms, at_most)
        places = list(ticks)
        assert places[0] == 0
        assert 1 <= len(places) <= at_most
        assert places[-1] <= ends_ms
        steps = {after - before for before, after in pairwise(places)}
        assert len(steps) <= 1
        assert len(set(ticks.values())) == len(places)

    @pytest.mark.parametrize(
        ("ends_ms", "unit", "labels"),
        [
            (250, "milliseconds", ["0", "50", "100", "150", "200", "250"]),
            (31_250, "seconds", ["0", "5", "10", "15", "20", "25", "30"]),
            (12 * 60_000, "minutes", ["0", "2", "4", "6", "8", "10", "12"]),
            (10 * 3_600_000, "hours", ["0", "2", "4", "6", "8", "10"]),
            (400 * 86_400_000, "days", ["0", "100", "200", "300", "400"]),
        ],
    )
    def test_the_unit_suits_the_length(self, ends_ms: int, unit: str, labels: list[str]) -> None:
        found, ticks = time_axis(ends_ms, 8)
        assert (found, list(ticks.values())) == (unit, labels)


class TestWords:
    @table(__file__, "durations")
    def test_duration(self, milliseconds: int, words: str) -> None:
        assert duration(milliseconds) == words

    @pytest.mark.parametrize(
        ("script", "words"),
        [
            (["paused"], "at once"),
            ([*DOWNLOAD[:1], "paused"], "8 s"),
            (DOWNLOAD + THEN, "8 s, then until resume"),
            ([{"paused": {"until": "resume"}}, "failed"], "for ever until resume"),
        ],
    )
    def test_length(self, script: list[Any], words: str) -> None:
        assert length(played(*script)) == words

    def test_columns_of_a_terminal(self) -> None:
        assert [cells(text) for text in ("", "abc", "日本", "e\u0301", "é─█")] == [0, 3, 4, 1, 3]

    @given(st.text(), st.integers(1, 30))
    def test_clipped_text_fits(self, text: str, width: int) -> None:
        kept = clipped(text, width)
        assert cells(kept) <= width
        assert kept == text or kept.endswith("…")

    @given(st.text("ab 日é", max_size=60), st.integers(2, 30))
    def test_wrapped_text_fits_and_is_all_there(self, text: str, width: int) -> None:
        lines = wrapped(text, width)
        assert all(cells(line) <= width for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())
