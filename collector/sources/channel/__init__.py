"""Carries bytes between this box and meters, and lets none through that could write."""
