"""Data written in Python, held to what JSON can write, with a place for each part of it."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from mockserver.documents import json_text
from mockserver.documents.source import JsonValue, Path, PlacedData, Source
from mockserver.documents.yaml_events import MAX_DEPTH, MAX_NODES
from mockserver.errors import JsonTextError, NotJson, YamlError


@dataclass(frozen=True, eq=False)
class DataDocument(PlacedData):
    """Plain data that came without a text; `name` stands where a file's path would."""

    name: str

    @classmethod
    def of(cls, data: object, name: str) -> Self:
        """A copy of the data, as JSON would carry it. Raises NotJson for what JSON cannot write.

        What is larger than a text may be raises YamlError as that would.
        """
        try:
            text = json.dumps(data, ensure_ascii=False, allow_nan=False)
            document = cls(json_text.loads(text), name)
        except JsonTextError as error:
            raise NotJson(name, error.problem) from None
        except (TypeError, ValueError, RecursionError) as error:
            raise NotJson(name, str(error)) from None
        size, depth = _measured(document.data)
        if size > MAX_NODES or depth > MAX_DEPTH:
            problem = f"{size:,} keys and values, nested {depth} deep"
            expected = f"at most {MAX_NODES:,}, nested at most {MAX_DEPTH} deep"
            raise document.error(YamlError, (), problem, expected=expected)
        return document

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        # In the data as JSON with one member or item a line.
        line, column, value = 1, 1, self.data
        for depth, step in enumerate(path, start=1):
            column = depth + 1  # what is within is indented by one space more
            if isinstance(value, dict) and isinstance(step, str) and step in value:
                before = list(value.values())[: list(value).index(step)]
                if not key or depth < len(path):
                    column += len(json.dumps(step, ensure_ascii=False)) + len(": ")
                value = value[step]
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                before, value = value[:step], value[step]
            else:
                break
            # Each takes lines of its own, and so do the brackets around them.
            line += max(1, json.dumps(before, indent=1).count("\n"))
        return line, column

    @cached_property
    def source(self) -> Source:
        return Source(self.name, json.dumps(self.data, indent=1, ensure_ascii=False))


def _measured(data: JsonValue) -> tuple[int, int]:
    """How many keys and values there are, and how deep the last of them is nested."""
    size, depth, level = 0, -1, [data]
    while level:
        size += len(level) + sum(len(value) for value in level if isinstance(value, dict))
        depth += 1
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
        ]
    return size, depth
