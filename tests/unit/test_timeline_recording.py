"""Recordings tell again what was told: drawn timelines and drawn accidents, polled and replayed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from werkzeug.test import Client

from mockserver import contract, resources
from mockserver.errors import TimelineError
from mockserver.server.app import shared_app
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.server.severed import Severed
from mockserver.server.site import KEY, Site
from mockserver.source import Source
from mockserver.strategies.timelines import timelines
from mockserver.timeline.load import find, load
from mockserver.timeline.model import Timeline
from mockserver.timeline.observation import End, Observation, Reel, job_in, thinned
from mockserver.timeline.playback import Playback
from mockserver.timeline.recording import Recorded, Recording, can_be_named, recording
from mockserver.timeline.reply import job_payload
from unit.timelines import MAX_STORY_MS as _MAX_MS  # type: ignore[attr-defined]
