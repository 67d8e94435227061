"""Names every address that the page offers and every question that its OpenAPI describes, over a store of years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask.testing import FlaskClient

from collector.model.account import hashed
from collector.web.login.gate import COOKIE
from collector.web.openapi import described
from collector.web.question import MOST_QUANTITIES
from collector.web.rooms import ROOMS
from tests.contract.five_years import DAY, HOUSE, QUANTITIES_OF_HOUSE

TOKEN = "a session of a test"
TOKEN_HASH = hashed(TOKEN)
#: Every room, and what is no room but a page.
DOORS = (*(room.path for room in ROOMS), "/screen", "/login", "/code")
#: What is no page, or the same in another language.
_LEFT_OUT = re.compile(r"^/(static|favicon|electricity_meter)|\.(css|js|svg)$|[?&]language=")
_HREF = re.compile(r'href="(/[^"#]*)"')
_OPTION = re.compile(r"<option[^>]*>([^<]+)</option>")


@dataclass(frozen=True, slots=True)
class Address:
    """One question. `kind`: what it has in common with others that differ only in when and which."""

    kind: str
    url: str


def _kind(url: str) -> str:
    """Path and choices; the time and which of the meters do not matter."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    words = {name: values for name, values in asked.items() if name not in {"at", "from", "to", "meter"}}
    if "quantity" in words:
        words["quantity"] = [f"{len(words['quantity'])}"]
    choices = " ".join(f"{name}={value}" for name, values in words.items() for value in values)
    return f"{parts.path} {choices}".strip()


def offered(client: FlaskClient, now: int, years: int) -> Iterator[Address]:
    """Every room, and whatever a link on a page leads to: each kind of it once, and once more years ago."""
    seen: set[str] = set()
    waiting = list(DOORS)
    while waiting:
        url = waiting.pop(0)
        if (kind := _kind(url)) in seen or _LEFT_OUT.search(url):
            continue
        seen.add(kind)
        yield Address(kind, url)
        if "at=" in url:
            yield Address(kind, re.sub(r"at=-?\d+", f"at={now - (years * 365 - 40) * DAY}", url))
        answer = client.get(url)
        if answer.mimetype == "text/html":
            waiting += [unescape(href) for href in _HREF.findall(answer.get_data(as_text=True))]


def described_questions(now: int, years: int) -> Iterator[Address]:
    """Every GET of the OpenAPI with all that its parameters may be."""
    spec = described()
    for path, methods in spec["paths"].items():
        if "get" not in methods:
            continue
        parameters = [_resolved(spec, each) for each in methods["get"].get("parameters", ())]
        named = {each["name"]: list(_values(each, now, years)) for each in parameters if each["in"] == "query"}
        spans = _spans(now, years) if "from" in named else [{}]
        named.pop("from", None), named.pop("to", None)
        for span, values in product(spans, product(*named.values())):
            chosen = {name: value for name, value in zip(named, values, strict=True) if value is not None}
            length = f" {(span['to'] - span['from']) // DAY} d" if span else ""
            url = f"{path}?{urlencode({**chosen, **span}, doseq=True)}" if chosen or span else path
            yield Address(_kind(url) + length, url)


def _resolved(spec: Mapping[str, Any], parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in parameter:
        return parameter
    found: Any = spec
    for step in parameter["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def _values(parameter: Mapping[str, Any], now: int, years: int) -> Iterable[object]:
    """None where it is left out."""
    name, schema = parameter["name"], parameter["schema"]
    if not parameter.get("required") and name not in {"meter", "format"}:
        yield None
    if name == "quantity":
        many = schema.get("type") == "array"
        yield list(QUANTITIES_OF_HOUSE)[:MOST_QUANTITIES] if many else "active_power_total"
    elif "enum" in schema:
        yield from schema["enum"]
    elif name == "limit":
        yield 1000
    elif name in {"at", "before"}:
        yield now - (years * 365 - 40) * DAY
    elif name == "meter":
        yield [HOUSE] if schema.get("type") == "array" else HOUSE


def _spans(now: int, years: int) -> list[dict[str, int]]:
    return [{"from": now - days * DAY, "to": now} for days in (1, 31, 62, 365, years * 365)]


def logged_in(client: FlaskClient) -> FlaskClient:
    """A browser in which the admin is logged in."""
    client.set_cookie(COOKIE, TOKEN)
    return client
