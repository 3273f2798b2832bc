"""The mock: `app` answers requests, `live` puts it on a socket, `handle` is what tests hold.

`session` is a timeline being played, `operations` are the replies, `connection` speaks HTTP.
"""
