"""Answers lists to programs: JSON or CSV, page by page, with a tag that spares sending the same again."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Response, make_response, request

from collector.errors import UsageError

Row = Mapping[str, Any]
Item = TypeVar("Item")

#: More rows than these never share a millisecond.
CROWD = 50
#: What a spreadsheet would take for a formula (OWASP: CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def tagged(response: Response) -> Response:
    """The answer with a tag of its content; 304 without content where the asker has the same already."""
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:24])
    response.make_conditional(request)
    return response


def listing(name: str, rows: Sequence[Row], **more: object) -> Response:
    """{name: rows, ...more}, or with `format=csv` the rows as lines under the names of their columns."""
    wanted = request.args.get("format", "json")
    if wanted not in {"json", "csv"}:
        raise UsageError(f"format: there is no {wanted[:20]!r}", "json or csv")
    if wanted == "json":
        return tagged(make_response({name: list(rows), **more}))
    response = Response(_csv(rows), content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return tagged(response)


def _csv(rows: Sequence[Row]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    shapes = dict.fromkeys(tuple(row) for row in rows)
    columns = list(dict.fromkeys(column for shape in shapes for column in shape))
    writer.writerow(columns)
    whole: Iterable[Iterable[object]]
    whole = (
        (row.values() for row in rows) if len(shapes) == 1 else ([row.get(name) for name in columns] for row in rows)
    )
    writer.writerows([_harmless(cell) if isinstance(cell, str) else cell for cell in cells] for cells in whole)
    return written.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def page_of(found: Sequence[Item], limit: int, time: str = "time") -> tuple[Sequence[Item], int | None]:
    """(rows of this page, `before` of the next one) of rows that were asked for with `limit + CROWD`, newest first.

    Rows of one millisecond are not torn apart: the next page begins before it.
    """
    if len(found) <= limit:
        return found, None
    last = getattr(found[limit - 1], time)
    end = next((at for at in range(limit, len(found)) if getattr(found[at], time) != last), len(found))
    return found[:end], last if end < len(found) else None
