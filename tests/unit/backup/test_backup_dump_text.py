"""A dump is believed only when it is whole: every row, every statement, and its last line."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.backup import sql_text
from collector.backup.tally import Content, Tally, differences
from collector.errors import PhaselogError

ROWS = [b"(1,'a;')", b"(2,'INSERT INTO `x`')", b"(3,NULL)", b"(4,'-- Dump completed: 9 tables')", b"(5,'),')"]


class Tables:
    """Two tables, one of them with partitions, whose definition has lines like rows."""

    def __init__(self, rows: Sequence[bytes] = ROWS) -> None:
        self._rows = rows

    def tables(self) -> Sequence[str]:
        return ["event", "reading"]

    def definition(self, table: str) -> str:
        return f"CREATE TABLE `{table}` (\n  `id` int\n) ENGINE=InnoDB\n PARTITION BY RANGE (id)\n(PARTITION `later`)"

    def columns(self, table: str) -> Sequence[str]:
        return ["id", "text"]

    def rows(self, table: str) -> Iterator[Sequence[bytes]]:
        yield from (self._rows[at : at + 2] for at in range(0, len(self._rows), 2))


def dumped() -> tuple[bytes, dict[str, Content]]:
    out = io.BytesIO()
    written = sql_text.write(Tables(), out)
    return out.getvalue(), written


def read(text: bytes) -> dict[str, Content]:
    return sql_text.contents(sql_text.statements(io.BytesIO(text)))


def test_what_is_read_is_what_was_written():
    text, written = dumped()
    assert read(text) == written
    assert written["event"].rows == len(ROWS)


def test_the_statements_are_those_that_the_database_takes():
    text, _ = dumped()
    found = list(sql_text.statements(io.BytesIO(text)))
    assert found[0].sql.startswith("CREATE TABLE `event`")
    assert found[0].sql.endswith("(PARTITION `later`)")
    assert found[1].sql == "INSERT INTO `event` (`id`, `text`) VALUES\n(1,'a;'),\n(2,'INSERT INTO `x`')"


@given(st.integers(min_value=0))
def test_a_dump_that_ends_early_is_never_taken_for_whole(cut: int):
    text, written = dumped()
    short = text[: cut % (len(text) - 1)]
    with pytest.raises(PhaselogError):
        assert differences(written, read(short)) == []


def test_checksums_do_not_depend_on_the_order_but_on_every_row():
    def checksum(rows: Sequence[bytes]) -> str:
        tally = Tally()
        tally.add(rows)
        return tally.content().checksum

    assert checksum(ROWS) == checksum(ROWS[::-1])
    assert checksum(ROWS) != checksum([*ROWS[:-1], b"(5,')')"])
    assert checksum([ROWS[0], ROWS[0]]) != checksum([ROWS[1], ROWS[1]])


def test_differences_name_the_table():
    one, two = Content(3, "aa"), Content(3, "bb")
    assert differences({"reading": one}, {"reading": one}) == []
    assert "2 rows instead of 3" in differences({"reading": one}, {"reading": Content(2, "aa")})[0]
    assert "other contents" in differences({"reading": one}, {"reading": two})[0]
    assert "missing" in differences({"reading": one}, {})[0]
