"""Settles what holds for all tests: how hypothesis searches, and how work is measured."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A machine that is busy, or emulated, is slow, not wrong.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: it goes through all that other tests left, and would be measured, too."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
