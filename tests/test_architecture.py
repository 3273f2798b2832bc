"""The layout is the architecture: who may import whom, and where each dependency comes in."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mockserver"

# From the top down: a part may import those below it, and none above it.
PARTS = [
    ["__main__"],
    ["cli"],
    ["pytest_plugin"],
    ["exercise"],
    ["remote"],
    ["strategies"],
    ["server"],
    ["net"],
    ["report"],
    ["client_rules"],
    ["server_rules"],
    ["timeline"],
    ["faults"],
    ["contract"],
    ["pages"],
    ["api"],
    ["findings"],
    ["http"],
    ["files"],
    ["documents"],
    ["resources", "subscribers"],
    ["errors"],
    ["__init__"],
]
RANK = {part: rank for rank, parts in enumerate(reversed(PARTS)) for part in parts}

# Each dependency's one door.
DOORS = {
    "click": {"cli"},
    "rich": {"cli"},
    "pytest": {"pytest_plugin"},
    "flask": {"server"},
    "werkzeug": {"server"},
    "h11": {"net"},
    "httpx": {"remote"},
    "hypothesis": {"strategies"},
    "jinja2": {"report"},
    "jsonschema_rs": {"contract"},
    "markdown_it": {"pages"},
    "ruamel": {"documents"},
}

# Plain data in, plain data out: none of these reads a clock or a file, or opens a socket.
PURE = {
    "report",
    "client_rules",
    "server_rules",
    "findings",
    "contract",
    "timeline",
    "faults",
    "api",
    "pages",
    "http",
    "documents",
}
IMPURE_MODULES = {"socket", "threading", "time", "os", "tempfile", "subprocess", "random"}
# The clock is where time comes in; `find` is where a timeline's file does.
EXCEPTIONS = {("timeline/clock.py", "threading"), ("timeline/clock.py", "time")}

MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Each import with its line; a `from` import counts as the thing that is imported."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def our_parts(path: Path) -> Iterator[tuple[int, str]]:
    for line, name in imports(path):
        words = name.split(".")
        if words[0] == "mockserver":
            inside = words[1] if len(words) > 1 and words[1] in RANK else "__init__"
            yield line, inside


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
class TestModule:
    def test_imports_only_downwards(self, path: Path) -> None:
        own = part_of(path)
        if own == "__init__":
            return  # the public face names what it gives on demand; test_startup sees what it loads
        upwards = [
            f"{path.name}:{line} imports {part}"
            for line, part in our_parts(path)
            if part != own and RANK[part] >= RANK[own]
        ]
        assert upwards == []

    def test_takes_each_dependency_through_its_door(self, path: Path) -> None:
        own = part_of(path)
        strangers = []
        for line, name in imports(path):
            top = name.split(".")[0]
            if top in ("mockserver", "__future__", "_typeshed") or top in sys.stdlib_module_names:
                continue
            if own not in DOORS.get(top, set()):
                strangers.append(f"{path.name}:{line} imports {top}")
        assert strangers == []

    def test_stays_pure_where_it_must(self, path: Path) -> None:
        if part_of(path) not in PURE:
            return
        relative = path.relative_to(PACKAGE).as_posix()
        impure = [
            f"{relative}:{line} imports {name}"
            for line, name in imports(path)
            if name.split(".")[0] in IMPURE_MODULES
            and (relative, name.split(".")[0]) not in EXCEPTIONS
        ]
        assert impure == []


def test_every_module_has_a_place() -> None:
    assert {part_of(path) for path in MODULES} <= set(RANK)


def test_modules_of_a_part_do_not_import_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    names = {
        ".".join(("mockserver", *path.relative_to(PACKAGE).with_suffix("").parts)): path
        for path in MODULES
    }
    for name, path in names.items():
        found = {imported for _, imported in imports(path)}
        found |= {imported.rpartition(".")[0] for imported in found}
        graph[name] = {other for other in found if other in names and other != name}

    def reaches(start: str, goal: str) -> bool:
        seen, todo = set[str](), [start]
        while todo:
            for other in graph[todo.pop()] - seen:
                if other == goal:
                    return True
                seen.add(other)
                todo.append(other)
        return False

    assert [name for name in graph if reaches(name, name)] == []
