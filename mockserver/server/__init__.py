"""The mock: `app` answers requests, `live` puts it on a socket, `handle` is what tests hold.

`session` is a timeline being played, `operations` are the replies, `exchange` and `faults` what
befalls them. `serving` is the loop behind `live`, `gate` what it asks, `connection` speaks HTTP.
"""
