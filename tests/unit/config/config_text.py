"""A right configuration, for tests to spoil."""

from __future__ import annotations

MODELS = ("siemens-pac3100", "siemens-pac2200", "carlo-gavazzi-em24")

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
