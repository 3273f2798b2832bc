"""Runs a client once for each incident, or for many replies, and says what it did wrong.

A `runner` plays one `incident` to a `command` as a `child_process`, and `rules` judge its
`outcome`; a `worker_pool` does several at a time. A `fuzz_case` is a reply with what follows it,
drawn by `fuzz_strategy`: `survive` gives it to a Python callable (`python_client`), `fuzz` to a
command, both by a `fuzz_server`; `fuzz_text` says it in words, and writes it down as a timeline.
"""
