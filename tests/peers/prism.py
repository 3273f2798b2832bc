"""Prism, an independent mock of whatever OpenAPI describes: found, or installed for the tests."""

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.tools import needed, node

__all__ = ["command", "mocking"]

PACKAGE = "@stoplight/prism-cli@5.14.2"
INSTALL_S, START_S = 300, 60


def command(folder: Path) -> Sequence[str]:
    """What starts Prism: the one on the PATH, or else one that npm installs in this folder."""
    found = shutil.which("prism")
    if found is not None:
        return [found]
    program = needed(node, "Node.js")
    npm = Path(program).resolve().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    own = [program, str(npm)] if npm.exists() else [shutil.which("npm") or "npm"]
    path = f"{Path(program).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(
        [*own, "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE],
        env={**os.environ, "PATH": path},
        timeout=INSTALL_S,
        check=True,
    )
    return [program, str(folder / "node_modules/@stoplight/prism-cli/dist/index.js")]


@contextmanager
def mocking(prism: Sequence[str], document: dict[str, Any], folder: Path) -> Iterator[str]:
    """The base URL of a Prism that answers with the document's own examples."""
    described = folder / "openapi.json"
    described.write_text(json.dumps(document), "utf-8")
    process = subprocess.Popen(
        [*prism, "mock", "--host", "127.0.0.1", "--port", "0", str(described)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    deadline = threading.Timer(START_S, process.kill)
    deadline.start()
    try:
        url = _url(process)
        deadline.cancel()
        yield url
    finally:
        deadline.cancel()
        process.kill()
        process.communicate()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        found = re.search(r"listening on (http://\S+)", line)
        if found is not None:
            return found[1]
    raise AssertionError(f"Prism ended: {said}")
