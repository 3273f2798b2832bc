"""Schemathesis over a server, from an OpenAPI document; each run of a seed asks the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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
    program = "from schemathesis.cli import schemathesis; schemathesis()"
    command = [sys.executable, "-c", program, "--config-file", str(config), "run", str(described)]
    options = ["--url", url, "--max-examples", str(examples), "--seed", "1", "--no-color"]
    if har is not None:
        options += ["--report", "har", "--report-har-path", str(har)]
    done = subprocess.run(
        [*command, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
