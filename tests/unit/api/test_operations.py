"""The table of operations: true to the generated schemas, and read both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import contract, resources
from mockserver.api import operations
from mockserver.api.operation import Operation, segments
from mockserver.api.operations import DOWNLOAD, JOB_STATUS, LIST_STATUS, MODELS, OPERATIONS

STATUS = "/api/v1/models/download/status"


@pytest.mark.parametrize("edition", resources.edition_names())
def test_the_table_names_the_editions_whose_pages_have_an_operation(edition: str) -> None:
    documented = contract.edition(edition).operations
    assert {id_ for id_, known in OPERATIONS.items() if edition in known.editions} == set(
        documented
    )
    for id_, found in documented.items():
        known = OPERATIONS[id_]
        assert (found.method, found.path, found.about) == (known.method, known.path, known.about)


def test_what_is_not_in_the_table_is_named_after_its_method_and_path() -> None:
    made = operations.describe("POST", "/api/v1/models/load/:key")
    assert made == Operation("post_models_load_key", "POST", "/api/v1/models/load/:key")
    assert operations.describe("GET", STATUS) is LIST_STATUS
    assert operations.about(made.id) is operations.about(None) is None
    assert operations.about("download") == "model"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", STATUS, (LIST_STATUS, {})),
        ("HEAD", f"{STATUS}/", (LIST_STATUS, {})),
        ("GET", f"/{STATUS}/job%201", (JOB_STATUS, {"job_id": "job 1"})),
        ("GET", f"{STATUS}/a%2Fb", (JOB_STATUS, {"job_id": "a/b"})),
        ("POST", "/api/v1/models/download", (DOWNLOAD, {})),
        ("GET", "/api/v1/models", (MODELS, {})),
        ("POST", STATUS, None),
        ("GET", "/api/v1/models/download", None),
        ("GET", "/api/v1//models/download/status", None),
        ("GET", f"{STATUS}/a/b", None),
        ("GET", "/models/download/status", None),
    ],
)
def test_a_request_is_for_one_operation_or_none(
    method: str, path: str, expected: tuple[Operation, dict[str, str]] | None
) -> None:
    assert operations.identify(method, path, OPERATIONS.values()) == expected


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_a_path_is_read_as_it_was_written(job_id: str) -> None:
    path = JOB_STATUS.path_for(job_id=job_id)
    assert path.isascii()
    assert len(segments(path)) == 5 + 1
    assert JOB_STATUS.match(path) == {"job_id": job_id}
    assert JOB_STATUS.parameters == ("job_id",)
    assert path.startswith(f"{JOB_STATUS.stem}/")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1", True),
        ("//api/v1/x", True),
        ("/api/v1x", False),
        ("/v1/models", False),
        ("/x/api/v1", False),
    ],
)
def test_what_lies_below_the_prefix(path: str, expected: bool) -> None:
    assert operations.is_below_prefix(path) is expected
