"""Reads the one TOML file and finds all its mistakes at once."""
