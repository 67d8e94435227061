"""Judges the electricity itself: voltage, frequency, balance, distortion, power factor, load."""
