"""Says who a meter is: its identification across all makers (DIN 43863-5), and the faults known of some."""

from __future__ import annotations

from dataclasses import dataclass

from collector.sources.sml.messages import Entry
from collector.sources.sml.tlv import Number

#: Makers whose meters compute the check of their messages by CRC-16/KERMIT.
KERMIT_MAKERS = frozenset(("HLY",))
#: DZG numbers of meters that are known to send negative powers right: those that the maker has repaired, and a range
#: of another type (github volkszaehler/libsml, issues 105, 132 and 162).
_DZG_RIGHT = (range(40_000_000, 42_000_000), range(60_000_000, 1 << 32))
#: These meters send negative powers in four bytes, and leave the sign byte of shorter positive ones away.
_DZG_SURE = 4
_POWER = 7  #: group D of the OBIS code


@dataclass(frozen=True, slots=True)
class Server:
    """One meter. `maker`: three letters, empty where it does not say; `number`: of DIN 43863-5, None likewise."""

    text: str
    maker: str = ""
    number: int | None = None

    def doubts(self, entry: Entry) -> bool:
        """True for a power whose sign nobody can know.

        DZG DVS74: a positive power from 327.68 to 655.35 W comes as a negative number of two bytes. Other types of DZG
        send true negative powers so; the type is not in the telegram.
        """
        if self.maker != "DZG" or entry.name[3] != _POWER or not isinstance(entry.value, Number):
            return False
        if entry.value.value >= 0 or entry.value.width >= _DZG_SURE:
            return False
        return self.number is None or not any(self.number in numbers for numbers in _DZG_RIGHT)


def server(raw: bytes, said_maker: str) -> Server:
    """The meter of these bytes, as its plate says it: 1DZG0060694612; other forms as text, or in hex."""
    maker = said_maker if said_maker.isalpha() else ""
    if len(raw) != 10 or raw[0] not in (0x09, 0x0A) or not _letters(raw[2:5]):
        return Server(text(raw), maker)
    letters, number = raw[2:5].decode("ascii"), int.from_bytes(raw[6:], "big")
    return Server(f"{raw[1]:X}{letters}{raw[5]:02X}{number:08d}", letters, number)


def text(octets: bytes) -> str:
    """Letters and digits as they are; else hex digits: octets have no character set, and most are numbers."""
    return octets.decode("ascii") if octets.isalnum() else octets.hex()


def _letters(raw: bytes) -> bool:
    return raw.isalpha() and raw.isupper()
