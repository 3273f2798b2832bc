"""Figures for playing and loading timelines: `python tests/bench/timelines.py`."""

import json

import figures
from mockserver.documents.source import Source
from mockserver.timeline.find import find
from mockserver.timeline.model import Event
from mockserver.timeline.payloads import job_payload, list_payload
from mockserver.timeline.playback import Playback
from mockserver.timeline.reader import load

POLLS = 1_000_000
JOBS = 1_000
FILE = f"""\
jobs:
  - total_size_bytes: 2279145003
    copies: {JOBS}
    script:
      - downloading: {{for: 8s, to: 40%}}
      - paused: {{until: resume}}
      - downloading: {{for: 12s, to: 100%}}
      - completed
"""


def main() -> None:
    source = Source("bench.yaml", FILE)
    playback = Playback.of(load(source))
    now = playback.epoch_ms + 5_000
    first = next(iter(playback.schedules))

    states = figures.per_call(lambda: playback.at(now))
    figures.line(f"states of {JOBS:,} jobs at one instant", f"{states * 1e3:.2f} ms", "limit 5 ms")
    single = figures.per_call(lambda: playback.job_at(first, now))
    for poll in range(POLLS):
        playback.job_at(first, playback.epoch_ms + poll % 30_000)
    again = figures.per_call(lambda: playback.at(now))
    ratio = f"{again / states:.2f} x the first"
    figures.line(f"  the same after {POLLS:,} polls", f"{again * 1e3:.2f} ms", ratio)

    listed = figures.per_call(lambda: list_payload(playback.at(now)))
    figures.line(f"  and as the list's reply, {JOBS:,} jobs", f"{listed * 1e3:.2f} ms")
    written = figures.per_call(lambda: json.dumps(list_payload(playback.at(now))))
    figures.line("  and as JSON", f"{written * 1e3:.2f} ms")

    figures.line(f"one job's state among {JOBS:,}", f"{single * 1e6:.1f} µs")

    def poll_one() -> str:
        state = playback.job_at(first, now)
        return "" if state is None else json.dumps(job_payload(state))

    figures.line("  as the job's reply, as JSON", f"{figures.per_call(poll_one) * 1e6:.1f} µs")

    to_one, to_all = Event("resume", now + 5_000, first), Event("resume", now + 5_000)
    fired = figures.per_call(lambda: playback.after(to_one))
    figures.line(f"an event to one job of {JOBS:,}", f"{fired * 1e6:.0f} µs")
    fired = figures.per_call(lambda: playback.after(to_all))
    figures.line("  to all of them", f"{fired * 1e3:.2f} ms")

    healthy = find("healthy")
    seconds = figures.per_call(lambda: load(healthy))
    figures.line("healthy.yaml, loaded", f"{seconds * 1e3:.2f} ms")
    seconds = figures.per_call(lambda: load(source))
    figures.line(f"a file of {JOBS:,} copies, loaded", f"{seconds * 1e3:.2f} ms")
    timeline = load(source)
    seconds = figures.per_call(lambda: Playback.of(timeline))
    figures.line("  and laid on the clock", f"{seconds * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
