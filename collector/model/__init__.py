"""Holds the words of the trade as frozen values; pure, imports nothing but errors."""
