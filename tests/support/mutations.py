"""Texts with accidents, for property tests of what reads them."""

import re
from collections.abc import Callable

from hypothesis import strategies as st

Texts = st.SearchStrategy[str]
_Mutation = Callable[[st.DrawFn, str, Texts], str]

_SNIPPETS = (
    *"`:,-{}[]()<>\"'#|?@%$\\\n\r\t \x00\x85\u2028\ufeffé😀",
    *("```", "````", "~~~", "~", "''", "  ", "    ", "? ", "> ", '"\\ud800"', "---\n", "...\n"),
    *("&a ", "*a", "<<: *a", "!tag ", "!!python/object:os.system ", "%YAML 1.1\n", "%YAML 9\n"),
    *("null", "true", ".nan", "0", "-1", "1e3", "99999999999999999999", "40%", "8s"),
    *("lms_params", "lms_", "**", "`GET /x`", "children:", "optional: 1", "  - name: x\n"),
    *("[a](<http://[>)", "<div>", "&#0;", "jobs:", "faults:", "- paused", "- gone", "for"),
    *("report: {status: x}", "omit: [job_id]", "until: resume", "hold: true", "copies: 9999"),
    "2025-10-03T15:33:23Z",
)
_VALUE = re.compile(r"(?<=: )[^\s,{}\[\]]+")


@st.composite
def mutations(draw: st.DrawFn, originals: Texts) -> str:
    """A text with a few accidents: lines lost, doubled or swapped, words changed, a cut."""
    text = draw(originals)
    for _ in range(draw(st.integers(1, 4))):
        mutate: _Mutation = draw(st.sampled_from(_MUTATIONS))
        text = mutate(draw, text, originals)
    return text


def _lines(draw: st.DrawFn, text: str, originals: Texts) -> str:
    lines = text.split("\n")
    line, other = draw(st.tuples(*[st.integers(0, len(lines) - 1)] * 2))
    match draw(st.sampled_from(["delete", "duplicate", "swap", "indent"])):
        case "delete":
            del lines[line : line + 1 + other % 3]
        case "duplicate":
            lines.insert(other, lines[line])
        case "swap":
            lines[line], lines[other] = lines[other], lines[line]
        case _:
            lines[line] = " " * draw(st.integers(1, 4)) + lines[line]
    return "\n".join(lines)


def _characters(draw: st.DrawFn, text: str, originals: Texts) -> str:
    at = draw(st.integers(0, len(text)))
    new = draw(st.sampled_from(_SNIPPETS) | st.text(max_size=3))
    return text[:at] + new + text[at + draw(st.integers(0, 4)) :]


def _values(draw: st.DrawFn, text: str, originals: Texts) -> str:
    """Another value of another type in the place of one that is there, perhaps of the same text."""
    found = list(_VALUE.finditer(text))
    if not found:
        return text
    place = draw(st.sampled_from(found))
    new: str = draw(st.sampled_from([*_SNIPPETS, *(other[0] for other in found)]))
    return text[: place.start()] + new + text[place.end() :]


def _cut(draw: st.DrawFn, text: str, originals: Texts) -> str:
    return text[: draw(st.integers(0, len(text)))]


def _splice(draw: st.DrawFn, text: str, originals: Texts) -> str:
    other = draw(originals)
    return text[: draw(st.integers(0, len(text)))] + other[draw(st.integers(0, len(other))) :]


_MUTATIONS = (*[_lines] * 2, *[_characters] * 2, *[_values] * 2, _cut, _splice)
