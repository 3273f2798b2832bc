"""Hypothesis strategies: payloads, bodies, timelines and what a client sees of them."""

from mockserver.contract import Mutant as Mutant
from mockserver.contract import mutants as mutants
from mockserver.strategies.jobs import Poll as Poll
from mockserver.strategies.jobs import histories as histories
from mockserver.strategies.jobs import jobs as jobs
from mockserver.strategies.payloads import invalid as invalid
from mockserver.strategies.payloads import spelled as spelled
from mockserver.strategies.payloads import surprising as surprising
from mockserver.strategies.payloads import valid as valid
from mockserver.strategies.raw import RawBody as RawBody
from mockserver.strategies.raw import raw_bodies as raw_bodies
from mockserver.strategies.timelines import timelines as timelines
