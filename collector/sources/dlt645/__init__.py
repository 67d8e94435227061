"""Speaks DL/T 645-1997 and DL/T 645-2007, the Chinese standard of electricity meters, and only to read."""

from collector.sources.dlt645.decode import decode

__all__ = ["decode"]
