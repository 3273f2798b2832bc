"""`mockserver timelines`: timeline files listed, shown, checked and drawn."""

import sys
from functools import partial

import click

from mockserver.cli.options import common
from mockserver.cli.options.common import folder_option, json_option, timeline_source
from mockserver.cli.options.groups import argument, click_command
from mockserver.cli.timelines_plot import plot
from mockserver.cli.views.output import print_json
from mockserver.documents.text import counted


@click.group(name="timelines")
def command() -> None:
    """List, show, check and plot timelines: bundled ones and your own.

    Your own are the .yaml, .yml and .json files of one folder: --folder DIR, else the one that
    $MOCKSERVER_TIMELINES names, else ./timelines when there is one. They go by their names, without
    the ending, here and in `serve` and `demo`.
    """


@click_command("list", command)
def list_(folder: str | None = folder_option(), as_json: bool = json_option()) -> None:
    """What timelines there are, and what happens in each.

    Exit 1 when one of them is no timeline; the list says why.

    Examples:
      mockserver timelines list
      mockserver timelines list --folder tests/timelines --json
    """
    from mockserver.cli.views.timelines import entries, print_list

    found = entries(folder)
    if as_json:
        print_json([entry.as_dict() for entry in found])
    else:
        print_list(found)
    sys.exit(1 if any(entry.error for entry in found) else 0)


@click_command("show", command)
def show(
    name: str = argument(shell_complete=common.timeline_names),
    folder: str | None = folder_option(),
    as_json: bool = json_option(),
) -> None:
    """Print the file of the timeline NAME as it is, to read or to start your own from.

    With --json, what it says: jobs, their steps with the milliseconds at which each begins and
    ends (null for never, or not before an event), faults, and what a good client does.

    Examples:
      mockserver timelines show paused-then-resumed > timelines/mine.yaml
      mockserver timelines show healthy --json
    """
    from mockserver.timeline.reader import load

    source = timeline_source(name, folder)
    if as_json:
        from mockserver.cli.views.timelines import whole

        print_json(whole(load(source)))
    else:
        click.echo(source.text.encode("utf-8"), nl=not source.text.endswith("\n"))


@click_command("check", command)
def check(
    paths: tuple[str, ...] = common.files_argument("FILE..."),
    folder: str | None = folder_option(),
    as_json: bool = json_option(),
) -> None:
    """Check that each FILE is a timeline; - is standard input, and a name is fine too.

    What is wrong comes with its line, the place in it, and the nearest right word. All files are
    checked. Exit 0 when all are timelines, 1 when one is refused, 2 when one cannot be read.

    Examples:
      mockserver timelines check timelines/*.yaml
      mockserver timelines show healthy | mockserver timelines check -
    """
    from mockserver.cli.views.timelines import CheckedTimeline

    results = [CheckedTimeline.read(path, partial(timeline_source, path, folder)) for path in paths]
    if as_json:
        print_json([result.as_dict() for result in results])
    else:
        for result in results:
            result.print()
        bad = sum(result.code > 0 for result in results)
        summary = f"{counted(len(results), 'file')}, {bad} refused or unreadable"
        click.secho(summary, fg="red" if bad else "green", err=True)
    sys.exit(max(result.code for result in results))


command.add_command(plot)
