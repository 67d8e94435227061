"""Numbers stand below each other at their decimal point."""

from __future__ import annotations

from collector.cli.table import aligned


def test_numbers_align_at_the_point_and_words_at_the_left():
    rows = [("voltage", "220.41", "V"), ("frequency", "60.002", "Hz"), ("energy", "12345", "Wh"), ("power", "–", "W")]
    assert aligned(rows, frozenset({1})) == [
        "voltage      220.41   V",
        "frequency     60.002  Hz",
        "energy     12345      Wh",
        "power          –      W",
    ]


def test_nothing_is_no_lines():
    assert aligned([]) == []
