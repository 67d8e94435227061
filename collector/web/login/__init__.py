"""Lets people and programs in: passwords, sessions, keys, and the gate that every request passes."""
