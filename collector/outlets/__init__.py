"""Sends what leaves the box; a dead outlet costs nothing but its lag."""
