"""Simulates meters that answer real Modbus frames, each built from the same model file that reads it."""

from collector.sources.simulator.device import SimulatedMeter
from collector.sources.simulator.plant import Plant
from collector.sources.simulator.recording import recorded
from collector.sources.simulator.rtu_line import serve_port, serve_pty
from collector.sources.simulator.station import Station
from collector.sources.simulator.tcp_server import serve_tcp

__all__ = ["Plant", "SimulatedMeter", "Station", "recorded", "serve_port", "serve_pty", "serve_tcp"]
