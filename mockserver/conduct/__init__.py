"""What clients did: the records of the journal.

`exchange` is one request with its reply, `secrets` what is never written down.
"""
