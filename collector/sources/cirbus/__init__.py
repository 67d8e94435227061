"""Speaks Cirbus, the text protocol of Circutor's CVMk analysers, and only to read."""

from collector.sources.cirbus.decode import decode

__all__ = ["decode"]
