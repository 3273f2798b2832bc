"""Sizes, durations and text of somebody else's, as people read them."""

import unicodedata

from mockserver.errors import visible

_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def size(number: float) -> str:
    """Bytes with three digits and a decimal unit: `2.28 GB`."""
    unit = 0
    while number >= 999.5 and unit < len(_BYTE_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    if number < 1000:
        return f"{number:.3g} {_BYTE_UNITS[unit]}"
    return f"{number:,.0f} {_BYTE_UNITS[unit]}"


def duration(milliseconds: int) -> str:
    """`250 ms`, `8.5 s`, `2 min 5 s`, `3 h 20 min`, `4 d 6 h`: at most two units."""
    if 0 < milliseconds < 1000:
        return f"{milliseconds} ms"
    seconds, rest_ms = divmod(milliseconds, 1000)
    if seconds < _HOUR:
        minutes, seconds = divmod(seconds, _MINUTE)
        shown = f"{seconds + rest_ms / 1000:g} s"
        return f"{minutes} min {shown}".removesuffix(" 0 s") if minutes else shown
    if seconds < _DAY:
        large, small, names = seconds // _HOUR, seconds % _HOUR // _MINUTE, ("h", "min")
    else:
        large, small, names = seconds // _DAY, seconds % _DAY // _HOUR, ("d", "h")
    return f"{large:,} {names[0]}" + (f" {small} {names[1]}" if small else "")


def counted(number: int, noun: str) -> str:
    """`1 reply`, `2 replies`, `3 violations`, `1,200 requests`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"


def plain(text: str) -> str:
    """Text of somebody else's on one line, without anything that a terminal would obey."""
    return visible(" ".join(text.split()))


def cells(text: str) -> int:
    """How many columns of a terminal printable text takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(ch) for ch in text)


def clipped(text: str, width: int, ellipsis: str = "…") -> str:
    """As much of the text as fits; the last of it is an ellipsis when some of it does not."""
    if cells(text) <= width:
        return text
    room, kept = width - cells(ellipsis), ""
    for ch in text:
        room -= _cell(ch)
        if room < 0:
            break
        kept += ch
    return (kept.rstrip() + ellipsis) if width >= cells(ellipsis) else ""


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces where that can be."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for ch in word:
            if cells(lines[-1] + ch) > width and lines[-1]:
                lines.append("")
            lines[-1] += ch
    return lines


def _cell(ch: str) -> int:
    if unicodedata.combining(ch) or unicodedata.category(ch) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(ch) in "WF" else 1
