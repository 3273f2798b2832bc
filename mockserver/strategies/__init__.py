"""Hypothesis strategies: payloads, bodies, timelines and what a client sees of them."""

from mockserver.contract import Mutant, mutants
from mockserver.strategies.jobs import Poll, histories, jobs
from mockserver.strategies.payloads import invalid, surprising, valid
from mockserver.strategies.raw import RawBody, raw_bodies
from mockserver.strategies.spelling import spelled
from mockserver.strategies.timelines import timelines

__all__ = [
    "Mutant",
    "Poll",
    "RawBody",
    "histories",
    "invalid",
    "jobs",
    "mutants",
    "raw_bodies",
    "spelled",
    "surprising",
    "timelines",
    "valid",
]
