"""Looks at everything a logger needs and says what is well, what is not, and what to do about it."""

from collector.doctor.examine import examine
from collector.doctor.finding import Finding, State

__all__ = ["Finding", "State", "examine"]
