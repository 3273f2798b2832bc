"""Faults: what goes wrong with a reply on its way, one class a kind."""
