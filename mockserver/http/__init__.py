"""One HTTP exchange as plain data, and the credentials taken out of it."""
