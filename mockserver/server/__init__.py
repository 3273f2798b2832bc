"""The mock: `app` answers requests, `live` puts it on a socket, `handle` is what tests hold.

`session` is a timeline being played as `settings` say, `sessions` those of one server, `control`
what steers them; `operations` and `download` are the replies, `exchanges`, `faults` and `access`
what befalls them. `serving` is the loop behind `live`, `connection` speaks HTTP: `incoming` reads
it, `outgoing` writes it.
"""
