"""Draws meters whose displays show what they count, so that everything behind a camera can be tried without one."""
