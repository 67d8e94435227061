"""Answers, over a unix socket, whoever wants to know what a camera sees: one JSON line in, one JSON line out."""
