"""Speaks to meters: lines, plans and protocols."""
