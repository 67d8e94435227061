"""Counts the pulses of meters (S0, IEC 62053-31) on GPIO pins of this machine."""
