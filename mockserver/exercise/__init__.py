"""Runs a client once for each incident, or for many replies, and says what it did wrong.

`incident`, `placeholders`, `outcome`, `crash` and `problem` are pure; `child` starts processes,
`run` is one incident from its server to its verdict, `crew` does several at a time. A `trial` is a
reply, drawn by `trials` and judged by `survival`; `survive` gives it to a Python callable (`call`),
`fuzz` to a command; `replay` writes it down as a timeline, `broken` says it in words.
"""
