"""Simulates meters that answer real Modbus frames, each built from the same model file that reads it."""

from collector.sources.simulator.device import SimulatedMeter
from collector.sources.simulator.plant import Plant
from collector.sources.simulator.recording import recorded
from collector.sources.simulator.rtu_line import RtuLine, serve_port, serve_pty
from collector.sources.simulator.station import Station
from collector.sources.simulator.tcp_server import TcpServer, serve_tcp

__all__ = [
    "Plant",
    "RtuLine",
    "SimulatedMeter",
    "Station",
    "TcpServer",
    "recorded",
    "serve_port",
    "serve_pty",
    "serve_tcp",
]
