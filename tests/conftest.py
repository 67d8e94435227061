"""Profiles of hypothesis: how fast an emulated machine draws examples says nothing about the program."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("emulated", deadline=None, suppress_health_check=[HealthCheck.too_slow])
