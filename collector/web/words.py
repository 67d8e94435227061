"""Hands the scripts of a page their texts in its language, and how it writes numbers."""

from __future__ import annotations

from functools import cache
from typing import Any

from collector.web.catalogue import script_texts
from collector.web.language import languages

Json = dict[str, Any]


@cache
def words(code: str) -> Json:
    """What base.html gives to the scripts: the texts that are not as in the source, and the decimal mark."""
    language = languages()[code]
    texts = {text: language.texts.ugettext(text) for text in script_texts()}
    return {
        "language": str(language.locale).replace("_", "-"),
        "decimal": language.decimal_mark,
        "texts": {text: said for text, said in texts.items() if said != text},
    }
