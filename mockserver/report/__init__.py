"""Reports as texts, for people and for CI servers: JSON, JUnit XML, HTML, lines, annotations.

`exercise_*` write what came of `mockserver exercise`, from the records of `exercise_record`;
`check_*` write a `conformance.report.Report`. `as_json`, `junit` and `page` are what both stand on.
"""
