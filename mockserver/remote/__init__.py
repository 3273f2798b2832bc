"""Talking to a real server: fetch, check, follow, record, proxy."""
