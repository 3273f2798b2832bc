"""Files read and written at the rim: a failure is one of our errors, nothing is half-written."""

import errno
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mockserver.documents.source import Source
from mockserver.errors import UnreadableFile, UnwritableFile

MAX_BYTES = 16 * 1024 * 1024


def read_bytes(path: Path | str, most: int = MAX_BYTES) -> bytes:
    """The file's bytes; UnreadableFile when it is missing, a folder, forbidden or over `most`."""
    try:
        with Path(path).open("rb") as file:
            body = file.read(most + 1)
    except OSError as error:
        raise UnreadableFile(str(path), _reason(error)) from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableFile(ascii(str(path)), str(error)) from error
    return _limited(str(path), body, most)


def read_source(path: Path | str) -> Source:
    """The file as text that knows its name; UnreadableFile also when it is not UTF-8."""
    return decode(str(path), read_bytes(path))


def read_standard_input(name: str, most: int = MAX_BYTES) -> bytes:
    """All of standard input, held to what `read_bytes` demands of a file."""
    if sys.stdin is None:
        raise UnreadableFile(name, "standard input is closed")
    return _limited(name, sys.stdin.buffer.read(most + 1), most)


def decode(name: str, body: bytes) -> Source:
    """Bytes as text that knows its name; UnreadableFile when they are not UTF-8."""
    try:
        return Source(name, body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        problem = f"not UTF-8 text: byte 0x{body[error.start]:02x} in line {line}"
        raise UnreadableFile(name, problem) from error


def write_all(texts: Mapping[Path, str]) -> None:
    """Write all of these files or none: each to a temporary neighbour first, then renamed.

    A link stays one, and a file keeps its mode. Raises UnwritableFile, with nothing changed, when
    any of them cannot be written.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path, text in texts.items():
            target = Path(os.path.realpath(path))
            staged.append((_stage(target, text), target))
        while staged:
            temporary, path = staged[-1]
            temporary.replace(path)
            staged.pop()
    except OSError as error:
        raise UnwritableFile(str(path), _reason(error)) from error
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise UnwritableFile for a path at which no file can be written, as far as can be known.

    It is tried with an empty file, gone at once, in the folder or the nearest one that there is.
    """
    try:
        target = Path(os.path.realpath(path))
        folder = next(parent for parent in target.parents if parent.exists())
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not folder.is_dir():
            raise UnwritableFile(str(path), f"{folder} is no folder")
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=folder)
        os.close(handle)
        Path(name).unlink()
    except OSError as error:
        raise UnwritableFile(str(path), _reason(error)) from error


def _limited(name: str, body: bytes, most: int) -> bytes:
    if len(body) > most:
        raise UnreadableFile(name, f"larger than {most:,} bytes")
    return body


def _stage(path: Path, text: str) -> Path:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        # mkstemp makes files private; these are meant to be read like any other.
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
