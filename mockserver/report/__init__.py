"""Reports as texts, for people and for CI servers: lines, annotations, JSON, JUnit XML, HTML."""
