"""The pages, read: Markdown with `lms_params` tables in, records and JSON Schemas out."""
