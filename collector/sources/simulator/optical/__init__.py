"""Simulates meters of IEC 62056-21 behind an optical head, with the standard's times and speeds."""

from collector.sources.simulator.optical.line import OpticalHead
from collector.sources.simulator.optical.meter import OpticalMeter
from collector.sources.simulator.optical.shown import shown

__all__ = ["OpticalHead", "OpticalMeter", "shown"]
