"""Scripted download jobs: what every job's state is at any instant, and the files that say so.

`fields`, `job_fields` and `steps` state the format of a file; `reader` makes of it the records of
`model`, `builder` the reverse. `schedule` lays a script on the `clock`, `playback` is
a timeline with the events so far, `payloads` turns its states into replies. `recording` makes a
timeline of polls.
"""
