"""What clients did, and what they should not have done: the journal's entries, and their judge.

A `journal_entry` is one exchange with what the mock knows of it, and `entry_queries` say what it
asked for. `rules` collects the rules of each group's module, where each stands with its check:
`paths`, `editions`, `requests`, `job_ids`, `job_end`, `deadlines`, `retries` and `poll_rate`.
`judge` holds a journal to them in the `context` of its session. What they find makes a `verdict`,
which shows itself with a `request_log`.
"""
