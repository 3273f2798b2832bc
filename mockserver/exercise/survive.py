"""A Python client is given any reply, and has to survive it.

A valid reply has to lead to a result, which is what the client returns, unless its job has failed;
the polls after it hear that the job is completed. Anything else has to lead to one of the client's
errors, at every poll. So these break it: an exception of another class; no end by the deadline; a
result of a reply that is wrong, or without a request; an error for a valid reply.

A result is no mistake where the client gives the same one for the reply without its fault, as it
does not read what is wrong there, nor where JSON is odd in a way that many readers allow.
"""

import secrets
import threading
from contextlib import ExitStack
from dataclasses import dataclass

from mockserver import resources
from mockserver.api.operations import JOB_STATUS, about
from mockserver.exercise import fuzz_text, python_client
from mockserver.exercise.fuzz_case import ClientEnd, FuzzCase, FuzzFailure
from mockserver.exercise.fuzz_server import (
    MODEL,
    FuzzTarget,
    failure_in,
    final_replies,
    new_server,
    serving,
)
from mockserver.exercise.fuzz_strategy import edition_with, smallest_failure
from mockserver.exercise.python_client import Client, ClientCall, ErrorClasses, Errors
from mockserver.server.mock_server import MockServer
from mockserver.strategies.search import Found, is_derandomized, is_within_test

_GRACE_S = 0.5
"""How long a client that was too slow may take for each way of letting it go."""
_MOST_HANGS = 6
"""Each costs a whole deadline; after so many, what is found is made no smaller."""
_FILE = "broken.yaml"


def assert_client_survives(
    client: Client,
    *,
    operation: str = JOB_STATUS.id,
    edition: str | None = None,
    errors: Errors = (OSError, ValueError),
    examples: int = 200,
    seed: int | None = None,
    deadline_s: float = 5.0,
    strict: bool = False,
    mock_server: MockServer | None = None,
) -> None:
    """Give a client many replies to one operation, most of them strange, and see how it ends.

    `client` is any callable, `async` ones too. It is called with the mock's base URL, and if it
    requires a second argument, with the job's id (for `download`, with the model). `errors`, a
    class or several, are the exceptions by which it says that something is wrong; name its own
    there. It has to end within `deadline_s` real seconds. `strict` forgives no result of a reply
    that is wrong, and has JSON nested 10,000 deep.

    `examples` replies are drawn with the `seed`, another one each time unless given. `mock_server`
    is the fixture, where a test uses it for more; unless given there is a server for this call
    alone. `edition` is the server's own unless given, or the newest that has the operation.

    Raises AssertionError with the smallest reply that breaks the client, and a timeline file that
    gives it again; TypeError, ValueError or UnknownName for arguments that cannot be, such as a
    generator function; RuntimeError within a test of Hypothesis.
    """
    __tracebackhide__ = True
    classes = python_client.error_classes(errors)
    seed = _checked(examples, deadline_s, seed)
    if edition is not None:
        resources.edition_folder(edition)
    with ExitStack() as stack:
        if mock_server is None:
            mock_server = stack.enter_context(new_server(edition or resources.DEFAULT_EDITION))
        edition = edition or edition_with(operation, mock_server.edition)
        job_id = mock_server.timeline.jobs[0].job_id
        target = FuzzTarget(operation, edition, job_id, python_client.takes_job(client), strict)
        examination = _Examination(client, mock_server, target, classes, deadline_s)
        found = smallest_failure(target, examination.failure_in, examples, seed)
    if found is not None:
        drawn = f"seed={seed}, example {found.number:,} of {examples:,}"
        raise AssertionError(examination.message(found, drawn))


def _checked(examples: int, deadline_s: float, seed: int | None) -> int:
    """The seed, drawn unless given."""
    if is_within_test():
        where = "in a test without @given, and outside of Hypothesis's state machines"
        raise RuntimeError(f"assert_client_survives draws its replies by itself: call it {where}")
    if examples < 1:
        raise ValueError(f"examples is how many replies are drawn, 1 or more, not {examples!r}")
    if not 0 < deadline_s <= threading.TIMEOUT_MAX:
        raise ValueError(f"deadline_s is a time in seconds, more than 0, not {deadline_s!r}")
    if seed is None:
        return 0 if is_derandomized() else secrets.randbits(32)
    return seed


@dataclass(slots=True)
class _Examination:
    client: Client
    server: MockServer
    target: FuzzTarget
    errors: ErrorClasses
    deadline_s: float
    hangs: int = 0

    def failure_in(self, case: FuzzCase) -> FuzzFailure | None:
        if self.hangs > _MOST_HANGS:
            return None
        return failure_in(case, self.server, self._call, strict=self.target.strict)

    @property
    def _model(self) -> str:
        return self.server.timeline.jobs[0].model or MODEL

    def _call(self) -> ClientEnd:
        asked = self._model if about(self.target.operation) == "model" else self.target.job_id
        arguments = (self.server.url, asked) if self.target.knows_id else (self.server.url,)
        call = ClientCall(self.client, arguments, self.errors)
        end = call.end(self.deadline_s)
        if end is None:
            self.hangs += 1
            self._let_go(call)
            end = ClientEnd("hang", words=f"no end after {self.deadline_s:g} s")
        return end

    def _let_go(self, call: ClientCall) -> None:
        """Let a client end that hangs: by the end of its job, by 404, by nobody that answers.

        One that does not even then goes on in its thread, and nothing more is tried.
        """
        call.cancel()
        with ExitStack() as stack:
            for reply in final_replies(self.target):
                stack.enter_context(serving(self.server, reply))
            if call.end(_GRACE_S) is not None:
                return
        with self.server.serving({"error": "gone"}, status=404):
            if call.end(_GRACE_S) is not None:
                return
        self.server.stop()
        try:
            if call.end(_GRACE_S) is None:
                self.hangs = _MOST_HANGS + 1
        finally:
            self.server.start()

    def message(self, found: Found[FuzzCase, FuzzFailure], drawn: str) -> str:
        case, failure = found.example, found.failure
        where = f"\n  {failure.end.where}" if failure.end.where else ""
        reasons = "".join(f"  {reason}\n" for reason in case.reasons)
        ends = ("gives a result", "raises one of its declared errors")
        hint = (
            f"\nIf {failure.end.cause} is how the client says that something is wrong, name it "
            "in `errors`.\n"
        )
        return f"""the client breaks: {failure}{where}

{fuzz_text.describe_reply(case)}.
{reasons}{fuzz_text.expectation(case, failure, *ends)}

{fuzz_text.describe_body(case.reply.body)}
{hint if failure.kind == "crash" else ""}
This timeline gives the same replies. Saved as {_FILE}, it is served by
`{fuzz_text.serve_command(self.target, _FILE)}`, or by @pytest.mark.mock_server("{_FILE}").

{fuzz_text.timeline_text(case, self.target, self._model, [str(failure), *case.reasons])}
({drawn}; made smaller in {found.steps:,} steps)"""
