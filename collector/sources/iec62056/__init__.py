"""Reads meters of IEC 62056-21 through their optical port, a current loop or RS-485, and only to read."""
