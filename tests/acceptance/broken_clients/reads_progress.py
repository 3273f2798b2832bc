"""Waits for a `progress` of 1, a member that the API never had."""
# exercise --timeline unknown-fields --deadline 2s --step 30s => hang poll-after-end

from api import poll

progress = 0.0
while progress < 1:
    progress = poll().get("progress", 0.0)
