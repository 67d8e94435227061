"""Speaks Modbus RTU, TCP and RTU over TCP, and only to read (Modbus application protocol 1.1b3)."""
