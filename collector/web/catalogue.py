"""Collects every text of the page and brings the catalogues up to date: `python -m collector.web.catalogue`.

What is new stands in `languages/CODE.po` with an empty translation afterwards; a test refuses it until it is filled in.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_dir
from babel.messages.pofile import write_po

from collector.insight.quality.profile import profiles
from collector.insight.quality.sentences import SENTENCES
from collector.model.quantity import QUANTITIES
from collector.web.language import FOLDER, read
from collector.web.wording import label_parts

WEB = Path(__file__).parent
_KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "marked": None,
    "sayMany": (1, 2),
    "say": None,
}
_METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python"), ("static/js/**.js", "javascript")]
_SCRIPTS = {"parse_template_string": True}
_OPTIONS: dict[str, dict[str, Any]] = {"templates/**.html": {"silent": "false"}, "static/js/**.js": _SCRIPTS}


def texts() -> dict[str, str | tuple[str, ...]]:
    """Every text that is shown: id -> the text, or singular and plural."""
    found: dict[str, str | tuple[str, ...]] = {}
    for _, _, message, _, _ in extract_from_dir(WEB, _METHODS, _OPTIONS, _KEYWORDS):
        key = message if isinstance(message, str) else message[0]
        found[key] = message
    found |= {text: text for text in SENTENCES}
    found |= {text: text for profile in profiles().values() for text in (profile.title, profile.note)}
    found |= {text: text for name in QUANTITIES for text in label_parts(name)}
    found.pop("", None)
    return found


def script_texts() -> Iterator[str]:
    """The texts that the scripts use."""
    for path in sorted((WEB / "static" / "js").glob("*.js")):
        for _, message, _, _ in extract("javascript", io.BytesIO(path.read_bytes()), _KEYWORDS, options=_SCRIPTS):
            yield from [message] if isinstance(message, str) else message


def updated(code: str) -> bytes:
    """The catalogue file of a language with every text of today and none of yesterday."""
    known = read(code)
    wanted = Catalog(locale=known.locale, project="Phaselog", header_comment=known.header_comment, fuzzy=False)
    for message in texts().values():
        identity = message if isinstance(message, str) else tuple(message)
        old = known.get(identity if isinstance(identity, str) else identity[0])
        wanted.add(identity, old.string if old else None)
    made = io.BytesIO()
    write_po(made, wanted, width=120, no_location=True, omit_header=False, sort_output=True, include_previous=False)
    lines = made.getvalue().decode().splitlines(keepends=True)
    # Dates and versions in the header would make a difference of every run.
    dropped = tuple(
        f'"{name}' for name in ("POT-", "PO-", "Generated-By", "Project-Id", "Last-Tr", "Language-Team", "Report-")
    )
    return "".join(line for line in lines if not line.startswith(dropped)).encode()


def main() -> None:
    """Writes every catalogue anew."""
    for path in sorted(FOLDER.glob("*.po")):
        path.write_bytes(updated(path.stem))


if __name__ == "__main__":
    main()
