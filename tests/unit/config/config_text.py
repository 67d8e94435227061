"""A right configuration, for tests to spoil."""

from __future__ import annotations

from collector.config.protocols import Offer


class Known(dict):
    """Models that nobody needs to load."""

    def define(self, tables):
        return []


MODELS = Known(
    {
        **dict.fromkeys(("siemens-pac3100", "siemens-pac2200", "carlo-gavazzi-em24"), Offer()),
        "generic-iec62056-21": Offer("iec62056-21", 300.0, 10.0),
        "generic-dlt645-2007": Offer("dlt645-2007", 10.0, 1.0),
        "generic-sml": Offer("sml"),
        "generic-mqtt": Offer("mqtt"),
        "kerrucent": Offer("kerrucent"),
        "generic-pulses": Offer("pulses", 10.0, 1.0),
        "generic-camera": Offer("camera", 300.0, 10.0),
    }
)

GOOD = """\
[site]
name = "Chapada"
timezone = "America/Cuiaba"
[store]
kind = "sqlite"
path = "readings.sqlite"
commit_every = "60s"
[[line]]
name = "rs485"
port = "/dev/meter-rs485"
baud = 19200
frame = "8N2"
[[meter]]
name = "turbine"
model = "siemens-pac3100"
line = "rs485"
unit = 126
every = "1s"
"""
