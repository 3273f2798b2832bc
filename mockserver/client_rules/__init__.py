"""What clients did, and what they should not have done: the journal's records, and their judge.

`exchange` is one request with its reply, `secrets` what is never written down. `judge` holds the
exchanges of a session to `rules`, as `circumstances` allow it: `paths`, `requests`, `ids`, `polls`
and `pace` have a function for each rule, and `reading` says what the client was told. What they
find makes a `verdict`, which shows itself with a `chart`.
"""
