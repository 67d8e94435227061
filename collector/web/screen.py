"""Serves the wall display: one meter in figures that are read from five metres, without a hand; several take turns."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, request

from collector.web.now_view import now_view
from collector.web.pages import page, seen_now, stored
from collector.web.site import site

screen = Blueprint("screen", __name__)


@screen.get("/screen")
def show() -> Response:
    """The display; `?meter=` names the one to show, else all take turns."""
    here, seen = site(), seen_now()
    if not here.meters:
        return page("empty.html")
    names = list(here.meters)
    asked = request.args.getlist("meter")
    turn = [here.meter(name).name for name in asked] or names
    shown = here.meter(turn[0])
    sums, hour = stored(here, shown, seen.snapshot.now)
    view = now_view(seen.snapshot, here.meters, shown, sums, hour)
    clock = datetime.fromtimestamp(seen.snapshot.now / 1000, here.zone)
    return page("screen.html", view=view, turn=turn, clock=clock)
