"""HTTP/1.1 on sockets: accept loop, connection, reader, writer, and the WSGI app behind them."""
