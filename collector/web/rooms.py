"""Lists the rooms of the page in the order of its navigation: one more is a line here, its view and its template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint

from collector.config.settings import Settings
from collector.model.account import Role
from collector.web.alerts_page import alerts
from collector.web.camera_page import cameras, has_cameras
from collector.web.cost_pages import costs
from collector.web.forecast_page import forecasts
from collector.web.language import marked
from collector.web.pages import pages
from collector.web.quality_page import quality
from collector.web.settings_page import settings


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the navigation. `word`: English; `needs`: below this role it is not shown.

    `there`: False for a configuration that has nothing to show there.
    """

    path: str
    word: str
    blueprint: Blueprint
    needs: Role = Role.NOBODY
    there: Callable[[Settings], bool] = lambda _: True


ROOMS = (
    Room("/", marked("Now"), pages),
    Room("/history", marked("History"), pages),
    Room("/energy", marked("Energy & cost"), costs),
    Room("/forecast", marked("Forecast"), forecasts),
    Room("/quality", marked("Quality"), quality),
    Room("/alerts", marked("Alerts"), alerts),
    Room("/health", marked("Health"), pages),
    Room("/cameras", marked("Cameras"), cameras, Role.VIEWER, has_cameras),
    Room("/settings", marked("Settings"), settings),
)


def blueprints() -> list[Blueprint]:
    """Each once."""
    return list(dict.fromkeys(room.blueprint for room in ROOMS))
