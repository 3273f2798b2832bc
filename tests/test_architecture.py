"""The layout is the architecture: who may import whom, and where each dependency comes in."""

import ast
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from graphlib import TopologicalSorter
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
SOURCES = {path: path.read_text(encoding="utf-8") for path in MODULES}
NODES = {path: tuple(ast.walk(ast.parse(text))) for path, text in SOURCES.items()}


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def part_of(path: Path) -> str:
    return relative(path).split("/")[0].removesuffix(".py")


@cache
def imports(path: Path) -> Sequence[tuple[int, str]]:
    """Each import with its line; a `from` import counts as the thing that is imported."""
    found: list[tuple[int, str]] = []
    for node in NODES[path]:
        if isinstance(node, ast.Import):
            found += ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            found += ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
    return found


def our_parts(path: Path) -> Iterator[tuple[int, str]]:
    for line, name in imports(path):
        words = name.split(".")
        if words[0] == "mockserver":
            yield line, words[1] if len(words) > 1 and words[1] in RANK else "__init__"


NAMES = {
    re.sub(r"(/__init__)?\.py$", "", f"mockserver/{relative(path)}").replace("/", "."): path
    for path in MODULES
}


@pytest.mark.parametrize("path", MODULES, ids=relative)
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
        impure = [
            f"{relative(path)}:{line} imports {name}"
            for line, name in imports(path)
            if (top := name.split(".")[0]) in IMPURE_MODULES
            and (relative(path), top) not in EXCEPTIONS
        ]
        assert impure == []


def test_every_module_has_a_place() -> None:
    assert {part_of(path) for path in MODULES} <= set(RANK)


def names_imported(path: Path) -> set[str]:
    """What a module imports, and whatever that is in."""
    found = {name for _, name in imports(path)}
    return found | {name.rpartition(".")[0] for name in found}


def test_modules_of_a_part_do_not_import_in_circles() -> None:
    modules = {name: path for name, path in NAMES.items() if path.name != "__init__.py"}
    graph = {
        name: names_imported(path) & (modules.keys() - {name}) for name, path in modules.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which shows the circle


MOST_IN_A_MODULE = 220
LONGEST_FUNCTION = 45
MEDIAN_FUNCTION = 7
P90_FUNCTION = 20
MOST_POSITIONAL = 5


def functions() -> list[tuple[int, str]]:
    """The lines of each function, and where it is."""
    return sorted(
        ((node.end_lineno or 0) - node.lineno + 1, f"{relative(path)}:{node.lineno} {node.name}")
        for path, nodes in NODES.items()
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def found_where(holds: Callable[[ast.AST], bool]) -> list[str]:
    return [
        f"{relative(path)}:{getattr(node, 'lineno', 0)}"
        for path, nodes in NODES.items()
        for node in nodes
        if holds(node)
    ]


def test_no_two_classes_bear_one_name() -> None:
    places: dict[str, list[str]] = {}
    for path, nodes in NODES.items():
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(relative(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_variable_is_called_one() -> None:
    """A variable says what it is."""

    def is_so_called(node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return isinstance(node.ctx, ast.Store) and node.id == "one"
        return isinstance(node, ast.arg) and node.arg == "one"

    assert found_where(is_so_called) == []


def test_no_call_has_more_than_five_positional_arguments() -> None:
    def is_long(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Call)
            and len(node.args) > MOST_POSITIONAL
            and not any(isinstance(argument, ast.Starred) for argument in node.args)
        )

    assert found_where(is_long) == []


def test_modules_and_functions_stay_small() -> None:
    sizes = {relative(path): len(text.splitlines()) for path, text in SOURCES.items()}
    assert {name: size for name, size in sizes.items() if size > MOST_IN_A_MODULE} == {}
    lengths = functions()
    assert [found for found in lengths if found[0] > LONGEST_FUNCTION] == []
    assert lengths[len(lengths) // 2][0] <= MEDIAN_FUNCTION
    assert lengths[len(lengths) * 9 // 10][0] <= P90_FUNCTION


# A module that only one other imports is part of that one, unless it is one of these: what a
# registry collects (the importer is the registry) ...
REGISTRIES = {
    "api/behaviours/__init__.py": "the behaviours by subject",
    "cli/__init__.py": "the commands, loaded when they are called",
    "client_rules/rules.py": "the groups of rules for clients",
    "faults/reader.py": "the kinds of faults",
    "report/formats.py": "the formats, loaded when they are used",
    "server_rules/inspector.py": "the groups of rules for servers",
    "server/control/__init__.py": "the views, each found by its route",
    "strategies/__init__.py": "the public strategies",
}
# ... or what has a reason to stand alone.
ALONE = {
    "api/behaviours.py": "the reader of a table of data, apart from the command that prints it",
    "cli/timelines_plot.py": "a subcommand",
    "cli/views/fuzzing.py": "what one command prints, apart from what it does",
    "cli/views/proxying.py": "what one command prints, apart from what it does",
    "cli/views/serving.py": "what one command prints, apart from what it does",
    "cli/views/timelines.py": "what one command prints, apart from what it does",
    "cli/views/validation.py": "what one command prints, apart from what it does",
    "contract/lint.py": "what a command does, pure, apart from its printing",
    "contract/object_cases.py": "the solver of conditions; with the normalizer too long",
    "contract/openapi.py": "what a command does, pure, apart from its printing",
    "errors/source.py": "errors that draw a caret; with the others too long",
    "exercise/python_client.py": "a callable in a thread with a deadline; with survive too long",
    "exercise/rules.py": "the rules for how a client ends: a group as in client_rules",
    "exercise/survive.py": "a public entry point",
    "net/accept_loop.py": "the loop can be replaced without the server that starts it",
    "pytest_plugin/current_test.py": "the state of a test, apart from the hooks",
    "remote/check_server.py": "a public entry point",
    "remote/duplex.py": "two sockets served by one thread; with the proxy too long",
    "remote/failures.py": "all errors of the HTTP library, translated",
    "remote/proxy.py": "what a command does, apart from its printing",
    "remote/record.py": "what a command does, apart from its printing",
    "report/chart_text.py": "one drawing of a chart, beside chart_svg",
    "report/check_chart.py": "the chart that a check makes, beside timeline_chart",
    "report/svg_lanes.py": "a lane apart from the picture; with it too long",
    "report/timeline_chart.py": "the chart that a timeline makes, beside check_chart",
    "server/control/openapi.py": "loaded when it is asked for",
    "server/handlers.py": "the registry of operations",
    "server_rules/har.py": "one format of recordings",
    "server_rules/history.py": "what is remembered between polls, apart from the rules on it",
    "server_rules/journal_text.py": "one format of recordings",
    "strategies/machine.py": "an entry point for users",
    "strategies/objects.py": "objects from normal forms; with payloads too long",
    "strategies/simulation.py": "a model that must share nothing with what it is held against",
    "timeline/linear_segments.py": "a part of a recording; with the rest too long",
    "timeline/script_inference.py": "a part of a recording; with the rest too long",
}


def importers() -> dict[str, set[str]]:
    """Who imports each module, as files below the package; the plugin and `-m` import theirs."""
    found: dict[str, set[str]] = {relative(path): set() for path in MODULES}
    for path in MODULES:
        # The public face, the commands and the formats name what they load when it is used.
        wanted = names_imported(path) | {
            node.value
            for node in NODES[path]
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for name in wanted & NAMES.keys():
            if NAMES[name] != path:
                found[relative(NAMES[name])].add(relative(path))
    for name in ("github", "html", "json", "junit", "text"):
        found[f"report/{name}.py"].add("report/formats.py")
    return found


def test_a_module_that_one_other_imports_has_a_reason() -> None:
    lonely = {
        name: found
        for name, found in importers().items()
        if len(found) <= 1
        and not name.endswith("__init__.py")
        and name != "__main__.py"
        # A command's module is loaded by its name.
        and not (name.startswith("cli/") and name.count("/") == 1 and not found)
    }
    unexplained = sorted(
        f"{name}, imported by {', '.join(found) or 'none'}"
        for name, found in lonely.items()
        if not found & REGISTRIES.keys() and name not in ALONE
    )
    assert unexplained == []
    assert sorted(ALONE.keys() - lonely.keys()) == []
