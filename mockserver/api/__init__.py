"""The API as data: operations, editions, and how replies are laid out."""
