"""Makes telegrams with any list of values, by the encoder of the simulated meter."""

from __future__ import annotations

from collector.sources.simulator.sml_meter import listed, message, number, octets, wrapped
from collector.sources.sml.messages import CLOSE_RESPONSE, GET_LIST_RESPONSE

OUT = b"\x01"
HOLLEY = b"\x0a\x01HLY\x02" + (236000).to_bytes(4, "big")


def dzg(serial: int) -> bytes:
    return b"\x0a\x01DZG\x00" + serial.to_bytes(4, "big")


def entry(code: bytes, value: bytes, unit: int | None = 27, scaler: int | None = -2) -> bytes:
    return listed(
        octets(code),
        OUT,
        OUT,
        OUT if unit is None else number(unit, 1),
        OUT if scaler is None else number(scaler, 1, signed=True),
        value,
        OUT,
    )


POWER = bytes((1, 0, 16, 7, 0, 255))


def payload(*entries: bytes, server: bytes = b"\x0a\x01PHL\x00\0\0\x30\x39") -> bytes:
    body = listed(OUT, octets(server), OUT, OUT, listed(*entries), OUT, OUT)
    return message(1, GET_LIST_RESPONSE, body) + message(2, CLOSE_RESPONSE, listed(OUT))


def telegram(*entries: bytes, server: bytes = b"\x0a\x01PHL\x00\0\0\x30\x39") -> bytes:
    return wrapped(payload(*entries, server=server))
