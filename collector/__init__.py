"""Phaselog reads electricity meters and keeps every reading, true."""

__version__ = "0.1.0"

#: No clock that shows a time before this date (UTC) is believed: the program did not exist then. Moved on once a year.
BUILD_DATE = "2026-01-01"
