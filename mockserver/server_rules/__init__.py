"""How a server differs from the pages: what was seen, the rules, and the findings."""
