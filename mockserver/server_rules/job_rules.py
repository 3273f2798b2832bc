"""The rules for the jobs of one response, beyond its schema; those about times are apart.

Documented here also means that the pages say it by what a member means, or by their examples. A
member of a wrong type breaks none of these: that is the schema's.
"""

from collections.abc import Iterator

from mockserver.api.operations import DOWNLOAD
from mockserver.contract.json_data import shown
from mockserver.documents.pointer import pointer
from mockserver.findings.finding import Check, Finding, Rule
from mockserver.server_rules.checked_response import CheckedResponse, ReportedJob
from mockserver.server_rules.examples import answer, example_job, job_list, reported
from mockserver.server_rules.rule_group import RuleGroup
from mockserver.server_rules.values import clipped, is_number

_COUNTS = ("downloaded_bytes", "total_size_bytes")


def _each_job(check: Check) -> Check:
    """A check of one job, made one of all jobs in a response."""

    def of_response(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
        return (finding for job in response.jobs for finding in check(rule, job))

    return of_response


JOBS = RuleGroup("One reply", adapted=_each_job)
_RESPONSES = RuleGroup(JOBS.title, JOBS.rules)
"""The same group, for rules that look at a whole response."""


@JOBS.rule("bytes-within-total", reported(downloaded_bytes=1200))
def _bytes_within_total(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    done, total = job.get("downloaded_bytes"), job.get("total_size_bytes")
    if is_number(done) and is_number(total) and done > total >= 0:
        yield job.finding(rule, "downloaded_bytes", f"at most {shown(total)}")


@JOBS.rule("completed-is-whole", reported("completed", downloaded_bytes=999))
def _completed_is_whole(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    done, total = job.get("downloaded_bytes"), job.get("total_size_bytes")
    are_numbers = is_number(done) and is_number(total)
    if are_numbers and 0 <= done < total and job.get("status") == "completed":
        yield job.finding(rule, "downloaded_bytes", f"{shown(total)}, all of them")


@JOBS.rule("negative-number", reported(downloaded_bytes=-1))
def _negative_number(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    for member in (*_COUNTS, "bytes_per_second"):
        value = job.get(member)
        if is_number(value) and value < 0:
            yield job.finding(rule, member, "0 or more")


@JOBS.rule("whole-bytes", reported(downloaded_bytes=400.5))
def _whole_bytes(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    for member in _COUNTS:
        if type(job.get(member)) is float:
            yield job.finding(rule, member, "an integer")


@_RESPONSES.rule("job-listed-twice", job_list(example_job(), example_job("failed")))
def _job_listed_twice(rule: Rule, response: CheckedResponse) -> Iterator[Finding]:
    lists: dict[str, str] = {}
    for job in response.jobs if response.about == "jobs" else ():
        if not job.id:
            continue
        name = clipped(str(job.path[0]))
        if job.id in lists:
            found = f"{shown(job.id)} in `{lists[job.id]}` and in `{name}`"
            about = {"pointer": pointer((*job.path, "job_id")), "job_id": clipped(job.id)}
            yield response.finding(rule, "each job once", found, place="", **about)
        lists.setdefault(job.id, name)


def is_already_downloaded(response: CheckedResponse) -> bool:
    """Whether it says that there is nothing to download, and so no job."""
    if response.about != "model" or not response.is_success:
        return False
    payload = response.payload
    return isinstance(payload, dict) and payload.get("status") == "already_downloaded"


@JOBS.rule(
    "already-downloaded-alone",
    answer({"status": "already_downloaded", "model": "ibm/granite"}, DOWNLOAD.id),
)
def _already_downloaded_alone(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    if not is_already_downloaded(job.response):
        return
    broken = job.response.validator.broken_rules(job.response.payload)
    named = {where for _, where in broken}  # by rules of the schema
    for member in job.members:
        if member != "status" and pointer((member,)) not in named:
            yield job.finding(rule, member, "`status` alone")


@JOBS.rule("id-is-constant", reported(job_id="job_0000000000"))
def _id_is_constant(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    asked = job.response.observation.job_id
    if job.response.about == "job" and asked is not None and job.id not in (None, "", asked):
        yield job.finding(rule, "job_id", shown(clipped(asked)))


@JOBS.rule("id-is-empty", job_list(example_job(job_id="")))
def _id_is_empty(rule: Rule, job: ReportedJob) -> Iterator[Finding]:
    if job.id == "":
        yield job.finding(rule, "job_id", "an id such as job_493c7c9ded")
