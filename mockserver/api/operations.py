"""The operations that we know: one row each, and the questions that others ask of the table."""

import re
from collections.abc import Iterable
from typing import TypeVar

from mockserver.api.operation import About, Operation

PREFIX = "/api/v1"
"""Where the API lies; unknown paths below it get 404 (O)."""

LIST_STATUS = Operation(
    id="list_status",
    method="GET",
    path="/api/v1/models/download/status",
    about="jobs",
    polls=True,
    editions=("2025-10",),
)
JOB_STATUS = Operation(
    id="job_status",
    method="GET",
    path="/api/v1/models/download/status/:job_id",
    about="job",
    polls=True,
    statuses=(200, 404),
    editions=("2025-10", "2026-01"),
)
DOWNLOAD = Operation(
    id="download",
    method="POST",
    path="/api/v1/models/download",
    about="model",
    layout="pretty",  # O: clients that read a reply line by line got it wrong
    statuses=(200, 404),
    editions=("2026-01",),
)
# No page of ours documents these two; the mock has them in each edition (G).
MODELS = Operation(id="list_models", method="GET", path="/api/v1/models", about="models")
OPENAI_MODELS = Operation(id="list_openai_models", method="GET", path="/v1/models", about="models")

OPERATIONS = {
    operation.id: operation
    for operation in (LIST_STATUS, JOB_STATUS, DOWNLOAD, MODELS, OPENAI_MODELS)
}
"""By id."""

AnyOperation = TypeVar("AnyOperation", bound=Operation)


def find(id_: str | None) -> Operation | None:
    """The operation of this id; None for one that we do not know."""
    return OPERATIONS.get(id_ or "")


def about(id_: str | None) -> About | None:
    """What a request of the operation asks about; None for one that we do not know."""
    operation = find(id_)
    return None if operation is None else operation.about


def describe(method: str, path: str) -> Operation:
    """The operation at a path as a page writes it; one that we do not know gets an id made of it.

    `GET /api/v1/models/:key/files` is `get_models_key_files`.
    """
    for operation in OPERATIONS.values():
        if (operation.method, operation.path) == (method, path):
            return operation
    words = re.findall(r"[A-Za-z0-9]+", path.removeprefix(PREFIX))
    return Operation("_".join([method, *words]).lower(), method, path)


def identify(
    method: str, path: str, operations: Iterable[AnyOperation]
) -> tuple[AnyOperation, dict[str, str]] | None:
    """Which of the operations a request is for, and the path's parameters; None for none."""
    for operation in operations:
        parameters = operation.match(path)
        if parameters is not None and operation.accepts(method):
            return operation, parameters
    return None


def is_below_prefix(path: str) -> bool:
    """Whether a path, as it was sent, lies below `/api/v1`, or is that."""
    below = "/" + path.lstrip("/")
    return below == PREFIX or below.startswith(f"{PREFIX}/")
