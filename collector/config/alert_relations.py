"""Checks what no single key of mail, webhooks and alert rules can tell: names that refer to each other, gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collector.config.nearest import nearest
from collector.config.targets import Table, where
from collector.errors import Mistake
from collector.model.quantity import QUANTITIES

_BOUNDED = ("threshold", "rate")
_ABOUT_A_QUANTITY = (*_BOUNDED, "absence")


def alert_relations(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Every mistake between the tables of alerts; works on the file as it is written."""
    meters, hooks, rules = (_tables(data, name) for name in ("meter", "webhook", "alert"))
    mail = data.get("mail")
    yield from _mail(mail if isinstance(mail, dict) else {})
    channels = [str(hook.get("name")) for hook in hooks] + (["mail"] if mail is not None else [])
    for index, hook in enumerate(hooks):
        yield from _hook(index, hook)
    for index, rule in enumerate(rules):
        yield from _rule(index, rule, [str(meter.get("name")) for meter in meters], channels)


def _tables(data: Mapping[str, Any], name: str) -> Sequence[Table]:
    value = data.get(name)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _mail(mail: Table) -> Iterator[Mistake]:
    if ("user" in mail) != ("password_file" in mail):
        missing, there = ("password_file", "user") if "user" in mail else ("user", "password_file")
        yield Mistake(f"mail.{missing}", "is missing", f"it belongs to {there}")
    if mail.get("tls") == "none" and "password_file" in mail:
        yield Mistake("mail.tls", "would send the password readable for everybody", 'write "starttls" or "tls"')


def _hook(index: int, hook: Table) -> Iterator[Mistake]:
    if ("url" in hook) == ("url_file" in hook):
        yield Mistake(where("webhook", index, hook, "url"), "or url_file, one of the two", "name one address")
    if hook.get("name") == "mail":
        yield Mistake(where("webhook", index, hook, "name"), '"mail" is the mail server\'s name', "give it another one")


def _rule(index: int, rule: Table, meters: Sequence[str], channels: Sequence[str]) -> Iterator[Mistake]:
    kind, quantity = rule.get("kind"), rule.get("quantity")
    yield from _unknown(index, rule, "meters", meters, "no meter is called")
    yield from _unknown(index, rule, "send", channels, "no mail server or webhook is called")
    if kind in _ABOUT_A_QUANTITY and quantity is None:
        yield Mistake(where("alert", index, rule, "quantity"), "is missing", f"kind {kind} is about one")
    if isinstance(quantity, str) and quantity not in QUANTITIES:
        hint = nearest(quantity, QUANTITIES) or "docs/reference/quantities.md lists them"
        yield Mistake(where("alert", index, rule, "quantity"), f'no quantity is called "{quantity}"', hint)
    if kind in _BOUNDED and "above" not in rule and "below" not in rule:
        yield Mistake(where("alert", index, rule, "above"), "or below is missing", f"kind {kind} needs a bound")
    for key in ("above", "below", "hysteresis"):
        if kind not in _BOUNDED and key in rule:
            yield Mistake(where("alert", index, rule, key), f"has no meaning with kind {kind}", "remove it")


def _unknown(index: int, rule: Table, key: str, names: Sequence[str], said: str) -> Iterator[Mistake]:
    value = rule.get(key)
    for name in value if isinstance(value, list) else []:
        if name not in names:
            yield Mistake(where("alert", index, rule, key), f'{said} "{name}"', nearest(str(name), names))
