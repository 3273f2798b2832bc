"""Runs a client once for each incident, and says what it did wrong.

`incident`, `placeholders`, `outcome`, `crash` and `problem` are pure; `child` starts processes,
`run` is one incident from its server to its verdict, `crew` does several at a time.
"""
