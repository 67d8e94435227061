"""Holds what every kind of meter offers, as data: one TOML file per model."""
