"""Puts the rooms together: the composition root of the daemon; nothing else wires things together."""

from collector.service.maintain import columns_of, maintain
from collector.service.run import run

__all__ = ["columns_of", "maintain", "run"]
