"""Looks at everything a logger needs and says what is well, what is not, and what to do about it."""
