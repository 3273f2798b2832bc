"""Reports of what clients did wrong: plain records become JSON, JUnit XML or HTML.

`record` has the records; `as_json`, `junit` and `html` each have a function from a report to text.
"""
