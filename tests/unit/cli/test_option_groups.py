"""Options in groups: a command gets records whose fields are typed, checked together."""

from dataclasses import dataclass

import click
import pytest
from click.testing import CliRunner

from mockserver.cli.options.groups import argument, click_command, option


@dataclass(frozen=True, slots=True)
class Where:
    path: str | None = option("-o --output FILE", "Where to write.")
    force: bool = option("--force", "Also where there is a file.")

    def __post_init__(self) -> None:
        if self.force and self.path is None:
            raise click.UsageError("--force does nothing without --output")


@dataclass(frozen=True, slots=True)
class Numbers:
    numbers: tuple[int, ...] = option("-n --number N", "A number.", int, multiple=True)
    scale: float = option("--scale X", "How large.", float, default=1.0)


@dataclass(frozen=True, slots=True)
class Larger(Numbers):
    scale: float = option("--scale X", "How large.", float, default=2.0)


@click_command("command")
def command(where: Where, numbers: Larger, name: str = argument()) -> None:
    """What it does.

    Examples:
      command a
    """
    click.echo(f"{name} {where} {numbers}")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["a"], "a Where(path=None, force=False) Larger(numbers=(), scale=2.0)"),
        (
            ["a", "-o", "f", "--force", "-n", "1", "-n", "2", "--scale", "3"],
            "a Where(path='f', force=True) Larger(numbers=(1, 2), scale=3.0)",
        ),
    ],
)
def test_a_command_gets_its_groups(given: list[str], expected: str) -> None:
    assert CliRunner().invoke(command, given).output == f"{expected}\n"


def test_what_binds_several_options_is_refused_as_usage() -> None:
    done = CliRunner().invoke(command, ["a", "--force"])
    assert done.exit_code == 2
    assert "--force does nothing without --output" in done.output


def test_the_help_says_what_stands_for_the_value() -> None:
    text = CliRunner().invoke(command, ["--help"]).output
    for piece in (
        "-o, --output FILE",
        "-n, --number N",
        "[default: 2.0]",
        "--force  ",
        "What it does.",
        "  Examples:\n    command a\n",
    ):
        assert piece in text
