"""Schemathesis over a server, from an OpenAPI document; each run of a seed asks the same."""

import json
from pathlib import Path
from typing import Any

from support.fork_server import Command
from support.process import FORK_SERVER, environment

__all__ = ["run"]

DEADLINE_S = 300

# LM Studio answers an unknown method like an unknown path, never by 405. What a schema cannot say
# is whether there is such a model (404), and that undocumented members are refused (400).
CONFIG = """\
[checks.unsupported_method]
enabled = false
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "404"]
[checks.negative_data_rejection]
expected-statuses = ["400", "404", "413", "415"]
"""


def run(
    document: dict[str, Any], url: str, folder: Path, *, examples: int, har: Path | None = None
) -> str:
    """What it says of the server when it has found nothing; AssertionError when it has.

    `folder` is for its files. With `har`, all requests and replies are written there.
    """
    described, config = folder / "openapi.json", folder / "schemathesis.toml"
    described.write_text(json.dumps(document), "utf-8")
    config.write_text(CONFIG, "utf-8")
    options = ["--url", url, "--max-examples", str(examples), "--seed", "1", "--no-color"]
    if har is not None:
        options += ["--report", "har", "--report-har-path", str(har)]
    words = ["--config-file", str(config), "run", str(described), *options]
    command = Command("schemathesis.cli", words, str(folder), environment())
    done = FORK_SERVER.run(command, timeout_s=DEADLINE_S)
    assert done.code == 0, done.out + done.err
    return done.out
