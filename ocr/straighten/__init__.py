"""Turns a display that is seen askew into an upright strip, and finds it again in later frames."""
