"""Sample clients, which are scripts, run as callables in this process."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from types import CodeType
from unittest.mock import patch

from support.exercising import CLIENTS

TOKEN = "a-token-of-some-length"


class GaveUp(Exception):
    """A script ended with an exit code that is none of success."""


@cache
def _code(name: str) -> CodeType:
    path = CLIENTS / f"{name}.py"
    return compile(path.read_text(encoding="utf-8"), str(path), "exec")


def sample(name: str, *arguments: str, model: str = "a/model") -> Callable[[str, str], str]:
    """The client of this name: what it prints is its result, and a failing exit raises GaveUp.

    One at a time: its environment and its output are those of the whole process.
    """

    def client(url: str, job_id: str) -> str:
        given = {
            "MOCKSERVER_URL": url,
            "MOCKSERVER_JOB_ID": job_id,
            "MOCKSERVER_MODEL": model,
            "MOCKSERVER_TOKEN": TOKEN,
        }
        out = io.StringIO()
        argv = [name, *(argument.format(job_id=job_id, model=model) for argument in arguments)]
        with (
            patch.dict(os.environ, given),
            patch.object(sys, "argv", argv),
            patch.object(sys, "path", [str(CLIENTS), *sys.path]),
            redirect_stdout(out),
            redirect_stderr(io.StringIO()),
        ):
            try:
                exec(_code(name), {"__name__": "__main__"})
            except SystemExit as end:
                if end.code not in (None, 0):
                    raise GaveUp(end.code) from None
        return out.getvalue()

    return client
