"""Answers as the REST service of the heat-pump logger did, for the programs that ask it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, request

from collector.model.quantity import TARIFFS
from collector.web.live import Snapshot
from collector.web.meters import Expected
from collector.web.problems import answer
from collector.web.site import Site, site

heat_pump = Blueprint("heat_pump", __name__)

TOTAL = "active_energy_import"
#: Its keys in its order -> the counter (OBIS 1.8.1, 1.8.2, 1.8.0).
KEYS = {"highTarif": f"{TOTAL}_t1", "lowTarif": f"{TOTAL}_t2", "suma": TOTAL}

#: Wh and the moment (UTC ms) of a counter; None: it never had a value.
_Counted = tuple[float, int] | None


@heat_pump.get("/electricity_meter/api/v1.0/energy")
def energy() -> Response:
    """The counters of one meter as kWh in text; its age stands in Last-Modified, since the body has no room for it."""
    here = site()
    meter = _meter(here, request.args.get("meter"))
    if meter is None:
        known = ", ".join([name for name in here.meters if _counts(here.meters[name])][:10]) or "none"
        return answer(404, "There is no such meter, or it counts no energy.", f"Meters that count: {known}.")
    counted = _counters(here, meter.name)
    body = {key: _text(counted[quantity]) for key, quantity in KEYS.items()}
    response = make_response({"energy": body})
    response.headers["Cache-Control"] = "no-cache"
    if times := [found[1] for found in counted.values() if found]:
        response.last_modified = datetime.fromtimestamp(max(times) / 1000, UTC)
    return response


def _counts(meter: Expected) -> bool:
    return any(quantity.startswith(TOTAL) for quantity in meter.quantities)


def _meter(here: Site, name: str | None) -> Expected | None:
    """The one that is asked for, else the first that counts energy."""
    if name is not None:
        found = here.meters.get(name)
        return found if found and _counts(found) else None
    return next((meter for meter in here.meters.values() if _counts(meter)), None)


def _counters(here: Site, meter: str) -> dict[str, _Counted]:
    snapshot = here.live.snapshot()
    found = {quantity: _newest(here, snapshot, meter, quantity) for quantity in KEYS.values()}
    if found[TOTAL] is None:
        found[TOTAL] = _sum([_newest(here, snapshot, meter, f"{TOTAL}_{tariff}") for tariff in TARIFFS])
    if snapshot.problem and not any(found.values()):
        # Its 0 means "not read yet": it must not be said of a counter that nobody can look up.
        raise snapshot.problem
    return found


def _newest(here: Site, snapshot: Snapshot, meter: str, quantity: str) -> _Counted:
    """The newest value; while it is missing the last one that was stored, as that service did."""
    value = snapshot.values.get(meter, {}).get(quantity)
    if value is None:
        return None
    if value.value is not None:
        return value.value, value.time
    stored = here.access.ask(lambda store: store.latest())
    return next(((row.value, row.time) for row in stored if (row.meter, row.quantity) == (meter, quantity)), None)


def _sum(parts: list[_Counted]) -> _Counted:
    known = [part for part in parts if part]
    return (sum(value for value, _ in known), max(time for _, time in known)) if known else None


def _text(counted: _Counted) -> str | int:
    """Seven digits, a point and three decimals of kWh; the number 0 before the first reading."""
    return f"{counted[0] / 1000:011.3f}" if counted else 0
