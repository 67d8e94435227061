"""Decides whether a reading may be believed, and names the reason where it may not."""
