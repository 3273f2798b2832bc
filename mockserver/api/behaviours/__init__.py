"""Everything that the mock does as LM Studio's server, and how each is known: one table.

Documented, observed and guessed are told apart, so that whoever tests a client knows which of its
expectations stand on what.
"""

from __future__ import annotations

from mockserver.api.behaviours.behaviour import Behaviour
from mockserver.api.behaviours.http import OF_HTTP
from mockserver.api.behaviours.jobs import OF_JOBS

__all__ = ["BEHAVIOURS", "Behaviour"]

BEHAVIOURS = (*OF_JOBS, *OF_HTTP)
