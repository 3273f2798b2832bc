"""What clients did, and what they should not have done: a `journal_entry` is an exchange with what
the mock knows of it; the `judge` holds a journal to the `rules`, and gives a `verdict`.
"""
