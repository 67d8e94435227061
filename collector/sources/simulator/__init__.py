"""Pretends to be meters: real frames, made from the same model files that the collector reads by."""

from collector.sources.simulator.meter import SimulatedMeter
from collector.sources.simulator.plant import Plant
from collector.sources.simulator.rtu_line import ServedLine, serve_port, serve_pty
from collector.sources.simulator.tcp_server import ServedSocket, serve_tcp

__all__ = ["Plant", "ServedLine", "ServedSocket", "SimulatedMeter", "serve_port", "serve_pty", "serve_tcp"]
