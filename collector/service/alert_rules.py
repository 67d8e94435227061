"""Turns the configuration's alerts into rules and channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from collector.config.settings import AlertSettings, Settings
from collector.insight.alerts.defaults import defaults
from collector.insight.alerts.rule import Rule
from collector.outlets.mail import Mail, MailServer
from collector.outlets.webhook import Hook, Webhook

MAIL = "mail"


class Channel(Protocol):
    """Something that hands messages over."""

    def send(self, message_id: str, headline: str, text: str) -> None:
        """Raises OutletError unless the message was taken."""
        ...


def channels(settings: Settings) -> Mapping[str, Channel]:
    """Every channel by its name."""
    found: dict[str, Channel] = {hook.name: Webhook(Hook(hook.name, hook.url, hook.url_file, hook.body, hook.headers))
                                 for hook in settings.webhooks}  # fmt: skip
    mail = settings.mail
    if mail.to:
        server = MailServer(mail.host, mail.tcp_port, mail.tls, mail.user, mail.password_file, mail.sender, mail.to,
                            mail.ca_file)  # fmt: skip
        found[MAIL] = Mail(server)
    return found


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Every rule; where the configuration has none, those that every logger needs."""
    meters = tuple(meter.name for meter in settings.meters)
    everywhere = tuple(channels(settings))
    if not settings.alerts:
        return defaults(meters, everywhere)
    return tuple(_rule(alert, meters, everywhere) for alert in settings.alerts)


def _rule(alert: AlertSettings, meters: tuple[str, ...], everywhere: tuple[str, ...]) -> Rule:
    return Rule(
        name=alert.name,
        kind=alert.kind,
        meters=alert.meters or meters,
        quantity=alert.quantity or "",
        above=alert.above,
        below=alert.below,
        hysteresis=alert.hysteresis,
        per=alert.per,
        lasting=alert.lasting,
        repeat=alert.repeat,
        quiet=_quiet(alert.quiet) if alert.quiet else None,
        send=everywhere if alert.send is None else alert.send,
    )


def _quiet(hours: str) -> tuple[int, int]:
    """ "22:00-06:00" in minutes of the day."""
    start, end = (60 * int(at[:2]) + int(at[3:]) for at in hours.split("-"))
    return start, end
