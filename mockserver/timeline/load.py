"""Timeline files: finding them by name, and reading them into records.

A file is YAML 1.2 (JSON therefore too):

    description: What happens, for the reader.   # optional
    edition: 2025-10                             # optional, 2025-10 unless given
    starts_at: 2025-10-06T18:58:07.291Z          # optional: what the clock shows at first
    jobs:
      - job_id: job_493c7c9ded                   # optional, made from the file's name unless given
        model: ibm/granite-4-micro               # optional
        total_size_bytes: 2279145003
        started_at: 2025-10-03T15:33:23.496Z     # optional: when the script begins
        listed: false                            # optional: left out of the list; else true
        script:
          - downloading: {for: 8s, to: 40%}      # at even speed, up to a share or a byte count
          - paused: {for: 5s}                    # without `for`: for ever
          - downloading: {for: 12s, to: 100%}
          - completed                            # or: failed
"""

from __future__ import annotations

import hashlib
import ntpath
from pathlib import Path

from mockserver import files, resources, yamltext
from mockserver.errors import UnknownName, nearest
from mockserver.source import Source
from mockserver.timeline.model import FLOATING_EPOCH_MS, Job, Timeline
from mockserver.timeline.node import Node
from mockserver.timeline.script import read_script

__all__ = ["find", "load"]

_REQUIRED = ("total_size_bytes", "script")
_OPTIONAL = ("job_id", "model", "started_at", "listed")
_SUFFIXES = (".yaml", ".yml", ".json")
_MAX_ID_LENGTH = 200


def find(name: str | Path) -> Source:
    """The bundled timeline of this name, or the file at this path.

    Text with a slash, or ending in .yaml, .yml or .json, is a path. Raises UnknownName for a name
    that is not bundled, UnreadableFile for a file that cannot be read.
    """
    if isinstance(name, Path) or _is_path(name):
        return files.read_source(name)
    bundled = resources.timeline_files()
    if name not in bundled:
        raise UnknownName("timeline", name, tuple(bundled))
    return Source(bundled[name].name, files.read_source(bundled[name]).text)


def load(source: Source) -> Timeline:
    """Read a timeline; its name is the file's, without the ending.

    Raises YamlError for text that is not YAML, TimelineError for what the format does not allow.
    """
    document = yamltext.load(source)
    root = Node(document, (), document.data, "the timeline")
    members = root.fields(("jobs",), ("description", "edition", "starts_at"))
    name = _name_of(source.path)
    description = members["description"].text() if "description" in members else None
    edition = _edition(members["edition"]) if "edition" in members else resources.DEFAULT_EDITION
    starts_ms = members["starts_at"].instant() if "starts_at" in members else None
    job_nodes = members["jobs"].items("job")
    entries = [node.fields(_REQUIRED, _OPTIONAL) for node in job_nodes]
    anchors = [entry["started_at"].instant() for entry in entries if "started_at" in entry]
    floating = starts_ms is None and not anchors
    if starts_ms is None:
        starts_ms = min(anchors, default=FLOATING_EPOCH_MS)
    jobs = tuple(
        _job(entry, _made_id(name, index), starts_ms) for index, entry in enumerate(entries)
    )
    _refuse_duplicates(job_nodes, entries, jobs)
    return Timeline(name, jobs, starts_ms, edition, floating, description)


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.lower().endswith(_SUFFIXES)


def _name_of(path: str) -> str:
    # ntpath splits at both kinds of slash.
    return ntpath.splitext(ntpath.basename(path))[0] or path


def _made_id(timeline: str, index: int) -> str:
    """`job_` and ten hex digits, as the real server makes them (D); the same in every run."""
    return "job_" + hashlib.sha256(f"{timeline}\n{index}".encode()).hexdigest()[:10]


def _edition(node: Node) -> str:
    known = resources.edition_names()
    name = node.value
    if not isinstance(name, str):
        raise node.wrong(" or ".join(known))
    if name not in known:
        raise node.error(f"unknown edition {name!r}", " or ".join(known), nearest(name, known))
    return name


def _job(entry: dict[str, Node], made_id: str, starts_ms: int) -> Job:
    total = entry["total_size_bytes"].byte_count()
    return Job(
        _job_id(entry["job_id"]) if "job_id" in entry else made_id,
        total,
        entry["started_at"].instant() if "started_at" in entry else starts_ms,
        read_script(entry["script"], total),
        entry["model"].text() if "model" in entry else None,
        entry["listed"].flag() if "listed" in entry else True,
    )


def _job_id(node: Node) -> str:
    """Any text that can stand as one segment of a URL's path.

    Servers outside this project may make other ids than `job_` and ten hex digits, so every
    printable text is fine except with a slash, around spaces, or `.` and `..`, which clients
    take out of a path.
    """
    expected = "text without slashes such as job_493c7c9ded"
    job_id = node.text(expected)
    if not job_id or job_id in (".", ".."):
        raise node.error(f"{node.name} is {job_id!r}", expected)
    if "/" in job_id or "\\" in job_id or not job_id.isprintable() or job_id != job_id.strip():
        raise node.error(f"{node.name} cannot stand in a URL's path", expected)
    if len(job_id) > _MAX_ID_LENGTH:
        raise node.error(f"{node.name} has {len(job_id)} characters", f"at most {_MAX_ID_LENGTH}")
    return job_id


def _refuse_duplicates(
    nodes: list[Node], entries: list[dict[str, Node]], jobs: tuple[Job, ...]
) -> None:
    seen: dict[str, Node] = {}
    for node, entry, job in zip(nodes, entries, jobs, strict=True):
        first = seen.setdefault(job.job_id, node)
        if first is not node:
            line, _ = first.document.position(first.path)
            problem = f"duplicate job id {job.job_id!r}, first in the job at line {line}"
            raise entry.get("job_id", node).error(problem, "another id, or none")
