"""Jobs polled until they end."""

from collections.abc import Iterable, Iterator

from mockserver.documents.text import duration, plain
from mockserver.remote.fetch import FOR_LIST, Fetcher, for_job
from mockserver.server_rules.observation import ENDED, Observation, job_shown

_MAX_USELESS = 5
"""So many replies in a row that tell no status end it."""


class Follow:
    """Polls each job once a round, and then the list if `with_list`, until all have ended.

    A job has ended when it is completed or failed, unknown (404), or the token is refused; after
    five replies in a row that tell no status it is given up. A round begins every `interval_s`;
    after `deadline_s` nothing more is asked. `notes` are sentences on the jobs that did not end.
    With `outlasts_outages`, no reply at all, half a one, a 429 and a 5xx give up nothing.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        jobs: Iterable[str],
        *,
        with_list: bool,
        interval_s: float,
        deadline_s: float,
        outlasts_outages: bool = False,
    ) -> None:
        self._fetcher, self._with_list = fetcher, with_list
        self._interval_s, self._deadline_s = interval_s, deadline_s
        self._outlasts_outages = outlasts_outages
        self._open = dict.fromkeys(jobs, "")
        self._useless = dict.fromkeys(self._open, 0)
        self.notes: list[str] = []

    def polls(self) -> Iterator[Observation]:
        """Each request and its reply as it comes."""
        clock = self._fetcher.clock
        next_s = clock.monotonic_s()
        end_s = next_s + self._deadline_s
        while self._open and clock.monotonic_s() <= end_s:
            for job_id in list(self._open):
                if clock.monotonic_s() > end_s:
                    break
                observation = self._fetcher.fetch(for_job(job_id))
                self._judge(job_id, observation)
                yield observation
            if self._with_list and clock.monotonic_s() <= end_s:
                yield self._fetcher.fetch(FOR_LIST)
            now_s = clock.monotonic_s()
            next_s = max(next_s + self._interval_s, now_s)
            if not self._open or next_s > end_s:
                break
            clock.sleep(next_s - now_s)
        for job_id, status in self._open.items():
            last = f"it was {plain(status)}" if status else "it told no status"
            waited = duration(round(self._deadline_s * 1000))
            self.notes.append(f"{plain(job_id)} had not ended after {waited}; {last}")

    def _judge(self, job_id: str, observation: Observation) -> None:
        shown, status = job_shown(observation), observation.status
        is_whole = observation.failure is None
        # Which tells of the server's state, not of the job's.
        is_outage = not is_whole or status is None or status == 429 or status >= 500
        if shown is not None:
            self._open[job_id], self._useless[job_id] = shown.status, 0
            if shown.status in ENDED:
                del self._open[job_id]
        elif status in (401, 403):
            self._give_up(job_id, f"it was refused with {status}")
        elif status == 404 and is_whole:
            any_more = " any more" if self._open[job_id] else ""
            self._give_up(job_id, f"the server does not know it{any_more}")
        elif not (self._outlasts_outages and is_outage):
            self._useless[job_id] += 1
            if self._useless[job_id] >= _MAX_USELESS:
                self._give_up(job_id, f"{_MAX_USELESS} replies in a row told no status")

    def _give_up(self, job_id: str, why: str) -> None:
        del self._open[job_id]
        self.notes.append(f"{plain(job_id)} was not followed to its end: {why}")
