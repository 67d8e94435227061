"""Checks what no single key can tell: names that refer to each other, two meters at one address, one port twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import available_timezones

from collector.config.hanging import addresses, hanging
from collector.config.nearest import nearest
from collector.config.protocols import Offer
from collector.config.targets import Table, targets
from collector.errors import Mistake

_MARIADB_ONLY = ("socket", "host", "tcp_port", "user", "password_file", "mysql_readers", "compatible_meter", "database")


def relations(
    site: Table, store: Table, lines: Sequence[Table], meters: Sequence[Table], models: Mapping[str, Offer]
) -> Iterator[Mistake]:
    """Every mistake between keys; works on the file as it is written, so that one mistake does not hide another."""
    yield from _zone(site)
    yield from _store(store, meters)
    yield from _doubles("line", lines)
    yield from _doubles("meter", meters)
    yield from targets(lines)
    for index, meter in enumerate(meters):
        yield from hanging(index, meter, lines, meters, models)
    yield from addresses(meters, models)


def _zone(site: Table) -> Iterator[Mistake]:
    zone = site.get("timezone")
    known = available_timezones()
    if isinstance(zone, str) and zone and zone not in known:
        close = nearest(zone, known) or 'an IANA name like "America/Cuiaba"'
        yield Mistake("site.timezone", f'"{zone}" is no time zone that is known here', close)


def _store(store: Table, meters: Sequence[Table]) -> Iterator[Mistake]:
    kind = store.get("kind", "sqlite")
    strangers = _MARIADB_ONLY if kind == "sqlite" else ("path",) if kind == "mariadb" else ()
    for key in strangers:
        if key in store:
            other = "mariadb" if kind == "sqlite" else "sqlite"
            yield Mistake(
                f"store.{key}", f'has no meaning with kind = "{kind}"', f'remove it, or write kind = "{other}"'
            )
    if "socket" in store and "host" in store:
        yield Mistake("store.host", "stands beside socket", "keep one: socket on this machine, host on another")
    named = store.get("compatible_meter")
    names = [name for meter in meters if isinstance(name := meter.get("name"), str)]
    if isinstance(named, str) and named not in names:
        yield Mistake("store.compatible_meter", f'no meter is called "{named}"', nearest(named, names))


def _doubles(table: str, tables: Sequence[Table]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, data in enumerate(tables):
        name = data.get("name")
        if isinstance(name, str) and name in seen:
            yield Mistake(f"{table}[{index}].name", f'a second {table} is called "{name}"', "names are given once")
        elif isinstance(name, str):
            seen.add(name)
