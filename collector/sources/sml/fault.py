"""Knows the meters that code a value against the standard, and mends or refuses such a value."""

from __future__ import annotations

from collector.sources.sml.entry import Entry
from collector.sources.sml.tlv import Number

#: DZG Metering, DVS74: numbers of the meters that send powers as signed numbers too short for their sign (327.68 W to
#: 655.35 W and the like look negative). They never shorten what is truly negative. As found by the users of libsml.
_DZG = b"\x0a\x01DZG\x00"
_DZG_FAULTY = (range(42_000_000, 49_000_000), range(55_000_000, 59_000_000))
_SHORT = range(1, 4)


def with_faults_mended(found: list[Entry], server: bytes) -> tuple[list[Entry], tuple[str, ...]]:
    """The entries as the meter meant them, and what was done to them. `server`: the meter's number."""
    if not _is_faulty_dzg(server):
        return found, ()
    mended = [entry.unsigned() if _is_shortened_power(entry) else entry for entry in found]
    changed = [entry.code for entry, before in zip(mended, found, strict=True) if entry.raw != before.raw]
    return mended, tuple(
        f"{code} was read without its sign: this DZG meter shortens powers wrongly" for code in changed
    )


def _is_faulty_dzg(server: bytes) -> bool:
    if len(server) != 10 or not server.startswith(_DZG):
        return False
    number = int.from_bytes(server[6:], "big")
    return any(number in faulty for faulty in _DZG_FAULTY)


def _is_shortened_power(entry: Entry) -> bool:
    raw = entry.raw
    return entry.unit == "W" and isinstance(raw, Number) and raw.signed and raw.width in _SHORT and raw.value < 0
