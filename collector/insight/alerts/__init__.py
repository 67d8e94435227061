"""Decides when a person must be told: rules over what is known, with duration, hysteresis and repeat limits."""
