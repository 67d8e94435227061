"""Writes and reads a database as SQL text: one row a line, so that rows can be counted without understanding SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from collector.backup.tally import Content, Tally
from collector.errors import PhaselogError

_HEAD = b"""-- Phaselog's database. By hand: zcat database.sql.gz | mariadb NAME
SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', unique_checks = 0, foreign_key_checks = 0;
"""
_INSERT = b"INSERT INTO `"
_CREATE = b"CREATE TABLE `"


class Source(Protocol):
    """What is written down."""

    def tables(self) -> Sequence[str]:
        """Names of the tables."""
        ...

    def definition(self, table: str) -> str:
        """The statement that makes a table."""
        ...

    def columns(self, table: str) -> Sequence[str]:
        """Names of its columns."""
        ...

    def rows(self, table: str) -> Iterator[Sequence[bytes]]:
        """Its rows as SQL text, some at once."""
        ...


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement about a table. `rows`: those that it inserts, as they were handed to `write`."""

    table: str
    head: bytes
    rows: Sequence[bytes] = ()

    @property
    def sql(self) -> str:
        """The statement as the database takes it."""
        return (self.head + b",\n".join(self.rows)).decode()


def write(source: Source, out: IO[bytes]) -> dict[str, Content]:
    """Writes every table; what was written of each."""
    out.write(_HEAD)
    written = {}
    for table in source.tables():
        tally = Tally()
        out.write(source.definition(table).encode() + b";\n")
        names = ", ".join(f"`{name}`" for name in source.columns(table))
        head = f"INSERT INTO `{table}` ({names}) VALUES\n".encode()
        for rows in source.rows(table):
            tally.add(rows)
            out.write(head + b",\n".join(rows) + b";\n")
        written[table] = tally.content()
    out.write(_last_line(len(written)))
    return written


def statements(lines: Iterable[bytes]) -> Iterator[Statement]:
    """The statements about tables, in order. Raises PhaselogError when the text does not end as it must."""
    last, made, each = b"", 0, iter(lines)
    for line in each:
        last = line
        if line.startswith(_CREATE):
            made += 1
            yield Statement(_table(line), _until_end(line, each))
        elif line.startswith(_INSERT):
            yield Statement(_table(line), line, _rows(each))
    if last != _last_line(made):
        raise PhaselogError("the dump ends early: its last line is missing", "take another backup")


def _last_line(tables: int) -> bytes:
    return f"-- Dump completed: {tables} tables\n".encode()


def _table(line: bytes) -> str:
    return line.split(b"`", 2)[1].decode()


def _until_end(first: bytes, lines: Iterator[bytes]) -> bytes:
    """The whole definition, without its semicolon."""
    text = [first]
    while not text[-1].endswith(b";\n"):
        text.append(_next(lines))
    return b"".join(text)[:-2]


def _rows(lines: Iterator[bytes]) -> Sequence[bytes]:
    rows = []
    while True:
        line = _next(lines)
        rows.append(line[:-2])
        if line.endswith(b");\n"):
            return rows
        if not line.endswith(b"),\n"):
            raise PhaselogError("a row of the dump is damaged", "take another backup")


def _next(lines: Iterator[bytes]) -> bytes:
    line = next(lines, None)
    if line is None:
        raise PhaselogError("the dump ends in the middle of a statement", "take another backup")
    return line


def contents(all_: Iterable[Statement]) -> dict[str, Content]:
    """What these statements put into each table."""
    tallies: dict[str, Tally] = {}
    for statement in all_:
        tallies.setdefault(statement.table, Tally()).add(statement.rows)
    return {table: tally.content() for table, tally in tallies.items()}
