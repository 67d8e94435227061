"""Measures how often readings of labelled photos are right, refused, and wrong."""
