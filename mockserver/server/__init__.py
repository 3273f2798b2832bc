"""The mock: `app` answers requests, `session_server` puts it on a socket, tests hold `mock_server`.

`config` says how a server is set up, `session` plays a timeline as that says, `sessions` are those
of one server, `control` steers them. `middleware` is what happens around an operation's handler:
journal, faults, token. `client_judge` gives the verdict on who asked.
"""
