"""The mock: `app` answers requests, `session_server` puts it on a socket for `mock_server`."""
