"""A real Redis for the tests that have one; where it is not installed they are skipped, and say so."""

from __future__ import annotations

import shutil

import pytest

from tests.journeys.breaking import Redis

NEEDS_REDIS = (
    pytest.mark.redis,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed"),
)
TRANSPORTS = [pytest.param("postgres"), pytest.param("redis", marks=NEEDS_REDIS)]
"""For ``params=``: what carries hints and jobs."""

__all__ = ["NEEDS_REDIS", "TRANSPORTS", "Redis"]
