"""Serves the room "alerts": what rules found, who has taken notice, and whether the channels work."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from flask import Blueprint, Response, request

from collector.errors import UsageError
from collector.model.account import Role
from collector.model.alert import Alert, AlertDesk
from collector.web.alert_words import alert_text
from collector.web.listing import CROWD, listing, page_of
from collector.web.login.forms import field, form_page, see_other
from collector.web.login.gate import requires
from collector.web.login.identity import who
from collector.web.pages import seen_now
from collector.web.question import limit
from collector.web.site import Site, site
from collector.web.span import instant

alerts = Blueprint("alerts", __name__)

#: So many are on the page; the API has all.
SHOWN, TRIALS = 50, 5
MAIL = "mail"


def _channels() -> list[str]:
    settings = site().settings
    return [*([MAIL] if settings.mail.to else []), *(hook.name for hook in settings.webhooks)]


@alerts.get("/alerts")
def show() -> Response:
    """What lasts, what was, and the channels."""
    here = site()
    lasting, known, trials = here.alerts.ask(lambda desk: (desk.lasting(), desk.alerts(SHOWN), desk.tests(TRIALS)))
    over = [alert for alert in known if alert.ended is not None]
    admin = who().role is Role.ADMIN and not who().program
    return form_page(
        "alerts.html", lasting=lasting, over=over, trials=trials, channels=_channels(), you=who(), admin=admin,
        now=seen_now().snapshot.now, told=alert_text,
    )  # fmt: skip


@alerts.post("/alerts/acknowledge")
@requires(Role.VIEWER)
def acknowledge() -> Response:
    """Somebody has taken notice: it is not told again until it is over."""
    take_notice(site(), field("rule"), field("subject"))
    return see_other("/alerts")


def take_notice(here: Site, rule: str, subject: str) -> bool:
    """Writes down that who asks has taken notice; False when no such alert lasts."""
    now, found = here.doorkeeper.now(), here.alerts.ask(lambda desk: desk.lasting())
    mine = [alert for alert in found if (alert.rule, alert.subject) == (rule, subject)]
    for alert in mine:
        here.alerts.ask(partial(_acknowledge, alert, now))
        here.doorkeeper.note("alert", f"{who()} has taken notice of {rule}: {subject}")
    return bool(mine)


def _acknowledge(alert: Alert, now: int, desk: AlertDesk) -> bool:
    return desk.acknowledge(alert, who().name, now)


@alerts.post("/alerts/try")
@requires(Role.ADMIN)
def try_channel() -> Response:
    """Sends a message to see whether it arrives."""
    here, channel = site(), field("channel")
    if channel not in _channels():
        raise UsageError(f"there is no channel {channel[:40]!r}", f"known are: {', '.join(_channels()) or 'none'}")
    here.alerts.ask(lambda desk: desk.ask_test(channel, who().name, here.doorkeeper.now()))
    here.doorkeeper.note("alert", f"{who()} tries the channel {channel}")
    return see_other("/alerts")


@alerts.get("/api/alerts")
def listed() -> Response:
    """What rules found, the newest first."""
    count, text = limit(request.args), request.args.get("before")
    before = instant(text, "before") if text is not None else None
    found = site().alerts.ask(lambda desk: desk.alerts(count + CROWD, before))
    shown, after = page_of(found, count, "raised")
    return listing("alerts", [asdict(alert) for alert in shown], next=after)
