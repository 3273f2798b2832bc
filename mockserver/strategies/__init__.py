"""Hypothesis strategies: payloads, bodies, timelines and what a client sees of them."""
