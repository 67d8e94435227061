"""Settles what holds for all tests: how hypothesis searches, when garbage is looked for, how work is measured."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A machine that is busy, or emulated, is slow, not wrong.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# Modules and tests stay to the end: looking for garbage among them takes a third of the time to collect the tests.
gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is looked for, but not among what is there already."""
    gc.freeze()
    gc.enable()


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: it goes through all that other tests left, and would be measured, too."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
