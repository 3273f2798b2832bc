"""Scripted download jobs: what every job's state is at any instant, and the files that say so.

`model` holds the records, `load` reads them from a file, `units` reads durations and percentages,
`clock` says what now is, `reply` turns states into the API's two replies.
"""
