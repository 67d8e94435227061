"""Serves the room "cameras": pictures of displays, what was read there, and the way to set a camera up."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from collector.config.settings import LineSettings, MeterSettings, Settings
from collector.devices import catalogue
from collector.errors import DeviceError, UsageError
from collector.model.account import Role
from collector.sources.camera.client import Client
from collector.sources.camera.source import ONLY, camera_of
from collector.web.language import gettext as _
from collector.web.login.forms import field, form_page, see_other
from collector.web.login.gate import requires
from collector.web.login.identity import who
from collector.web.site import site

cameras = Blueprint("cameras", __name__)

#: Pictures on the page.
SHOWN = 60
#: s that taking and reading a picture may take.
PATIENCE = 60.0
_TAKING = 25


def has_cameras(settings: Settings) -> bool:
    """True when a camera reads any of the meters."""
    return any(settings.line(meter.line).camera for meter in settings.meters)


def _seen_by_camera() -> Mapping[str, tuple[MeterSettings, LineSettings]]:
    settings = site().settings
    pairs = ((meter, settings.line(meter.line)) for meter in settings.meters)
    return {meter.name: (meter, line) for meter, line in pairs if line.camera}


def _ask(name: str, what: str, **more: object) -> Mapping[str, Any]:
    """What the camera service says; raises UsageError in its words."""
    found = _seen_by_camera().get(name)
    if found is None or found[1].service is None:
        raise UsageError(_("no camera reads this meter"), _("its line needs camera = ..."))
    meter, line = found
    profile = meter.profile.read_text(encoding="utf-8") if what == "read" and meter.profile else None
    question = {"ask": what, "meter": name, **camera_of(line), "profile": profile, **more}
    try:
        return Client(found[1].service).ask(question, PATIENCE)
    except DeviceError as error:
        raise UsageError(str(error), error.hint) from error


@cameras.get("/cameras")
@requires(Role.VIEWER)
def show() -> Response:
    """Every meter's newest pictures."""
    return _shown()


def _shown(status: int = 200, **values: object) -> Response:
    found, silent = {}, {}
    for name in _seen_by_camera():
        try:
            found[name] = _newest(name)
        except UsageError as error:
            silent[name] = error
    admin = who().role is Role.ADMIN
    return form_page("cameras.html", status, found=found, silent=silent, admin=admin, **values)


def _newest(meter: str) -> list[dict[str, Any]]:
    return [_described(one) for one in _ask(meter, "pictures")["pictures"][:SHOWN]]


def pictures() -> dict[str, list[dict[str, Any]]]:
    """The newest pictures of every meter that a camera reads; UsageError when a service does not answer."""
    return {name: _newest(name) for name in _seen_by_camera()}


def _described(one: Mapping[str, Any]) -> dict[str, Any]:
    """A picture for the table. `doubt`: why it does not count."""
    name = str(one["picture"])
    at = datetime.strptime(name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    doubt = one.get("implausible") or one.get("refused") or ""
    return {"name": name, "time": round(at.timestamp() * 1000), "text": one.get("text"), "doubt": doubt,
            "label": one.get("label"), "code": one.get("code") or ""}  # fmt: skip


@cameras.errorhandler(UsageError)
def again(error: UsageError) -> Response:
    """The page again, with what was wrong."""
    return _shown(400, problem=str(error), hint=error.hint)


@cameras.get("/cameras/<meter>/<picture>")
@requires(Role.VIEWER)
def look(meter: str, picture: str) -> Response:
    """One picture, and what was read there."""
    found = next((one for one in _ask(meter, "pictures")["pictures"] if one["picture"] == picture), None)
    if found is None:
        raise UsageError(_("there is no such picture"), _("it may be older than it is kept"))
    return form_page("camera_picture.html", meter=meter, one=_described(found), admin=who().role is Role.ADMIN)


@cameras.get("/cameras/<meter>/<picture>/image")
@requires(Role.VIEWER)
def image(meter: str, picture: str) -> Response:
    """The picture itself; whatever a camera sent, a browser takes it for a picture or not at all."""
    content = base64.b64decode(_ask(meter, "picture", picture=picture)["content"])
    return Response(content, content_type="image/png" if content.startswith(b"\x89PNG") else "image/jpeg")


@cameras.post("/cameras/<meter>/<picture>/label")
@requires(Role.ADMIN)
def label(meter: str, picture: str) -> Response:
    """What a person sees there."""
    put_label(meter, picture, field("text", 40))
    return see_other("/cameras")


def put_label(meter: str, picture: str, text: str) -> None:
    """Keeps what is seen on a picture, and who said so."""
    _ask(meter, "label", picture=picture, text=text)
    site().doorkeeper.note("camera", f"{who()} read {text} on {picture} of {meter}")


@cameras.post("/cameras/<meter>/swap")
@requires(Role.ADMIN)
def swap(meter: str) -> Response:
    """Another meter hangs there now: its next reading counts at once."""
    exchange(meter)
    return see_other("/cameras")


def exchange(meter: str) -> None:
    """The next reading counts at once, and it is noted who said so."""
    _ask(meter, "swap")
    site().doorkeeper.note("camera", f"{who()} said that {meter} was exchanged")


@cameras.post("/cameras/<meter>/frame")
@requires(Role.ADMIN)
def frame(meter: str) -> Response:
    """Takes a picture to set the camera up with."""
    return see_other(f"/cameras/{meter}/setup/{_ask(meter, 'frame', seconds=_TAKING)['picture']}")


@cameras.get("/cameras/<meter>/setup/<picture>")
@requires(Role.ADMIN)
def setup(meter: str, picture: str) -> Response:
    """How the display would be seen, with corners to drag."""
    found, code = _proposal(meter, picture, request.args), _corners(request.args, "code")
    return form_page("camera_setup.html", meter=meter, picture=picture, found=found, code=code, in_turn=_in_turn(meter))


@cameras.post("/cameras/<meter>/setup/<picture>")
@requires(Role.ADMIN)
def keep(meter: str, picture: str) -> Response:
    """Keeps what was proposed, and reads five pictures with it."""
    if _seen_by_camera()[meter][0].profile is not None:
        raise UsageError(_("the configuration names a file for this"), f"phaselog camera setup {meter}")
    found = _proposal(meter, picture, request.form)
    if found["profile"] is None:
        raise UsageError(_("no display was found"), _("drag the corners around its digits, and count them"))
    _ask(meter, "keep", profile=found["profile"])
    site().doorkeeper.note("camera", f"{who()} set up the camera of {meter}")
    tried = _ask(meter, "read", frames=5, seconds=_TAKING)["registers"].values()
    return _shown(kept=meter, tried=[{"text": one["text"], "doubt": one["refused"]} for one in tried])


def _proposal(meter: str, picture: str, wish: Mapping[str, str]) -> Mapping[str, Any]:
    places = {key: _corners(wish, key) for key in ("corners", "code")}
    counts = {key: _count(wish.get(key, "")) for key in ("digits", "decimals")}
    return _ask(meter, "propose", picture=picture, **places, **counts)


def _corners(wish: Mapping[str, str], key: str) -> list[float]:
    return [_number(part) for part in wish.get(key, "").split(",") if part.strip()]


def _in_turn(meter: str) -> bool:
    """True when its display shows registers one after the other, each with its code."""
    return all(code.code != ONLY for code in catalogue.load(_seen_by_camera()[meter][0].model).codes)


def _count(text: str) -> int | None:
    return None if not text.strip() else round(_number(text))


def _number(text: str) -> float:
    try:
        return float(text[:20])
    except ValueError:
        raise UsageError(_("%(given)s is no number", given=text[:20])) from None
