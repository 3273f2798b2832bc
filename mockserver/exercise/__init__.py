"""Runs a client once for each incident (`runner`), or for many replies, and says what it did wrong:
`survive` gives them to a Python callable, `fuzz` to a command.
"""
