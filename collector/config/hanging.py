"""Checks how meters hang on their lines: one that exists and speaks as they do, an address of their own, a pace."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from collector.config.duration import seconds, written
from collector.config.nearest import nearest
from collector.config.protocols import PROTOCOLS, Offer
from collector.config.targets import ENDS, Table, carrier, where
from collector.errors import Mistake

#: The key of a line that carries a protocol.
_END_OF = {"wire": "port", "udp": "udp_port", "mqtt": "mqtt", "gpio": "gpio", "camera": "camera"}
#: Keys of a meter that mean something in some protocols only.
_ADDRESSES = ("unit", "address", "topic")
_ONLY = {"key_file": "dsmr", "pulses_per_kwh": "pulses", "start_kwh": "pulses", "profile": "camera"}
_FORMS = {
    "dlt645-1997": (r"[0-9]{12}", "twelve digits, as on the meter's plate"),
    "dlt645-2007": (r"[0-9]{12}", "twelve digits, as on the meter's plate"),
    "kerrucent": (r"([0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}", 'a MAC, like "b8:27:eb:12:34:56"'),
}


def hanging(
    index: int, meter: Table, lines: Sequence[Table], meters: Sequence[Table], models: Mapping[str, Offer]
) -> Iterator[Mistake]:
    """Every mistake in how one meter hangs on its line."""
    model, name = meter.get("model"), meter.get("line")
    offer = models.get(model) if isinstance(model, str) else None
    if isinstance(model, str) and offer is None:
        here = where("meter", index, meter, "model")
        yield Mistake(here, f'no model is called "{model}"', _model_hint(model, models))
    names = [known for data in lines if isinstance(known := data.get("name"), str)]
    if isinstance(name, str) and name not in names:
        hint = nearest(name, names) or "write a [[line]] with this name"
        yield Mistake(where("meter", index, meter, "line"), f'no line is called "{name}"', hint)
    line = next((data for data in lines if data.get("name") == name), None)
    if offer is not None:
        yield from _pace(index, meter, offer)
        yield from _address(index, meter, offer)
    if line is not None and offer is not None:
        yield from _carried(index, meter, line, offer)
        yield from _alone(index, meter, meters, models, offer)
    if line is not None and (offer is None or offer.protocol == "modbus"):
        yield from _modbus_unit(index, meter, line)


def _model_hint(model: str, models: Collection[str]) -> str:
    hint = nearest(model, models)
    return hint if hint.startswith("did") else "`phaselog models` lists them"


def _pace(index: int, meter: Table, offer: Offer) -> Iterator[Mistake]:
    every = meter.get("every")
    try:
        wanted = seconds(every) if isinstance(every, str) else None
    except ValueError:
        return  # the schema says so
    if wanted is not None and wanted < offer.least_every:
        hint = f"at least {written(offer.least_every)} for this model: its protocol or its battery allows no more"
        yield Mistake(where("meter", index, meter, "every"), f'"{every}" is too often', hint)


def _address(index: int, meter: Table, offer: Offer) -> Iterator[Mistake]:
    wanted = PROTOCOLS[offer.protocol].address
    for key in _ADDRESSES:
        if key in meter and key != wanted:
            hint = f"meters that speak {offer.protocol} have " + (f"`{wanted}` instead" if wanted else "no address")
            yield Mistake(where("meter", index, meter, key), "has no meaning for this model", hint)
    for key, protocol in _ONLY.items():
        if key in meter and offer.protocol != protocol:
            yield Mistake(where("meter", index, meter, key), "has no meaning for this model", "remove it")
    form, hint = _FORMS.get(offer.protocol, ("", ""))
    address = meter.get("address")
    if form and isinstance(address, str) and not re.fullmatch(form, address):
        yield Mistake(where("meter", index, meter, "address"), f'"{address}" is none', hint)
    needed = {"mqtt": "topic", "kerrucent": "address", "pulses": "pulses_per_kwh"}.get(offer.protocol)
    if needed and needed not in meter:
        yield Mistake(where("meter", index, meter, needed), "is missing", f"this model needs {needed} = ...")


def _carried(index: int, meter: Table, line: Table, offer: Offer) -> Iterator[Mistake]:
    wanted = PROTOCOLS[offer.protocol].carrier
    if carrier(line) != wanted and any(key in line for key in ENDS):
        hint = f"its line is one with {ENDS[_END_OF[wanted]]}"
        said = f'"{meter.get("model")}" does not hang on such a line'
        yield Mistake(where("meter", index, meter, "line"), said, hint)


def _alone(
    index: int, meter: Table, meters: Sequence[Table], models: Mapping[str, Offer], offer: Offer
) -> Iterator[Mistake]:
    """A line has one protocol, and some protocols have one meter on a line; said at the later meter."""
    for other in meters[:index]:
        if other.get("line") != meter.get("line"):
            continue
        known = models.get(str(other.get("model")))
        here = where("meter", index, meter, "line")
        if known is not None and known.protocol != offer.protocol:
            said = f'speaks {offer.protocol}, but "{other.get("name")}" on the same line speaks {known.protocol}'
            yield Mistake(here, said, "give each protocol a line of its own")
        elif known is not None and not PROTOCOLS[offer.protocol].address:
            said = f'"{other.get("name")}" is on this line already'
            yield Mistake(here, said, f"a meter that speaks {offer.protocol} has the line for itself")
        else:
            continue
        return


def _modbus_unit(index: int, meter: Table, line: Table) -> Iterator[Mistake]:
    unit = meter.get("unit")
    if isinstance(unit, int) and not _addressable(line, unit) and 0 <= unit <= 255:
        hint = "1 to 247 on a serial line; 0 to 255 only over Modbus TCP"
        yield Mistake(where("meter", index, meter, "unit"), f"{unit} is out of range", hint)


def _addressable(line: Table, unit: int) -> bool:
    tcp = "host" in line and line.get("framing", "tcp") == "tcp"
    return tcp or 1 <= unit <= 247


def addresses(meters: Sequence[Table], models: Mapping[str, Offer]) -> Iterator[Mistake]:
    """Two meters at one address of one line."""
    owner: dict[tuple[str, str], str] = {}
    for index, meter in enumerate(meters):
        line, model = meter.get("line"), models.get(str(meter.get("model")))
        key = PROTOCOLS[model.protocol].address if model else "unit"
        value = meter.get(key, 1 if key == "unit" else None)
        if not key or not isinstance(line, str) or isinstance(value, bool) or not isinstance(value, int | str | None):
            continue
        own = (line, re.sub(r"[:-]", "", str(value)).lower() if key == "address" else str(value))
        if own in owner:
            said = f"{value} is also that of {owner[own]} on line {line}"
            if value is None:
                said = f"is missing, and so it is at {owner[own]} on line {line}"
            yield Mistake(where("meter", index, meter, key), said, "each meter on a line has its own address")
        else:
            owner[own] = where("meter", index, meter)
