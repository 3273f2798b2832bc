"""JSON and YAML text -> plain data that knows its lines; pointers into it, and RFC 3339 times."""
