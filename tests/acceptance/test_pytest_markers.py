"""What a marker and the settings cannot say."""

import pytest

from support.inner import run, sections

WRONG = """\
import pytest

@pytest.mark.mock_server({said})
def test_wrong_{number}(mock_server):
    raise AssertionError("it ran")

def test_right(mock_server):
    assert mock_server.timeline.name == "healthy"

@pytest.mark.mock_server({said})
def test_nothing_of_it():
    pass

@pytest.mark.skip
@pytest.mark.mock_server({said})
def test_skipped(mock_server):
    pass
"""
SEVERAL = "the marker takes one timeline; for several, parametrize the test with pytest.param(..., "
WRONG_MARKERS = {
    "clok='manual'": "unknown argument 'clok' in mark.mock_server; did you mean clock?",
    "port=80": "unknown argument 'port' in mark.mock_server*",
    "clock='manul'": "unknown clock 'manul'; did you mean manual?*",
    "'helthy'": "unknown timeline 'helthy'; did you mean healthy?",
    "'healthy', 'instant'": f"{SEVERAL}marks=pytest.mark.mock_server(...))",
    "'no/such.yaml'": "*no?such.yaml: no such file or directory",
    "timeline=5": "timeline is 5: expected a name, a path, Job(...)*",
    "timeline=[]": "timeline is []: expected a name, a path, Job(...)*",
    "verdict='eror'": "unknown verdict 'eror'; did you mean error?*",
    "expect='poll-after-ends'": "unknown rule 'poll-after-ends'; did you mean poll-after-end?",
    "strict=1": "strict is 1: expected True or False",
    "speed='fast'": "speed is 'fast': expected a number",
    "speed=2, clock='manual'": "a manual clock has no speed*",
    "clock='poll', step='soon'": "*soon*",
    "edition='2025-11'": "unknown edition '2025-11'; did you mean 2025-10?*",
    "limits=5": "limits is 5: expected mockserver.Limits(...)",
    "timeline={'jobs': [{'total_size': 1}]}": "inline*total_size*",
}


def test_what_a_marker_cannot_say_is_told_in_words(pytester: pytest.Pytester) -> None:
    modules = {
        f"test_{number}": WRONG.format(said=said, number=number)
        for number, said in enumerate(WRONG_MARKERS)
    }
    result = run(pytester, **modules)
    cases = len(WRONG_MARKERS)
    result.assert_outcomes(passed=2 * cases, errors=cases, skipped=cases)
    shown = sections(result)
    for number, told in enumerate(WRONG_MARKERS.values()):
        shown[f"test_wrong_{number}"].fnmatch_lines([f"mock_server: {told}"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*it ran*")


@pytest.mark.parametrize(
    ("ini", "arguments", "told"),
    [
        ("verdict = eror", [], "unknown verdict 'eror'; did you mean error?"),
        ("clock = manul", [], "unknown clock 'manul'; did you mean manual?"),
        ("speed = fast", [], "mock_server_speed is 'fast': expected a number above 0"),
        ("speed = -1", [], "mock_server_speed is '-1': expected a number above 0"),
        ("step = 1s", [], "a wall clock has no step"),
        ("strict = perhaps", [], "*perhaps*"),
        ("edition = 2025-11", [], "unknown edition '2025-11'; did you mean 2025-10?"),
        ("folder = nowhere", [], "mock_server_folder is no folder: *nowhere"),
        ("timeline = helthy", [], "unknown timeline 'helthy'; did you mean healthy?"),
        ("timeline = no/such.yaml", [], "there is no timeline *such.yaml"),
        ("", ["--mock-server-timeline", "helthy"], "unknown timeline 'helthy'; did you mean*"),
        ("", ["--mock-server-clock", "manul"], "*invalid choice: 'manul'*"),
        ("", ["--mock-server-verdict", "eror"], "*invalid choice: 'eror'*"),
    ],
)
def test_bad_settings_are_usage_errors(
    pytester: pytest.Pytester, ini: str, arguments: list[str], told: str
) -> None:
    pytester.makeini(f"[pytest]\n{f'mock_server_{ini}' if ini else ''}\n")
    result = run(pytester, *arguments, test_it="def test_it(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{told}*"])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
