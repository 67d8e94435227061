"""Speaks to people in their language: texts from Babel catalogues, numbers and dates as their country writes them.

English stands in the source; every other language is one file `languages/CODE.po`, read when it is first asked for.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_month_names
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "languages"
SOURCE = "en"
#: Where a language alone does not say how dates are written: ours are those of the source.
_COUNTRIES = {SOURCE: "en_GB"}


@dataclass(frozen=True)
class Language:
    """One language that the page speaks. `code`: BCP 47, as browsers ask for it."""

    code: str

    @property
    def name(self) -> str:
        """As its speakers call it."""
        return (Locale.parse(self.code, sep="-").get_display_name() or self.code).capitalize()

    @cached_property
    def locale(self) -> Locale:
        """How numbers and dates are written."""
        return Locale.parse(_COUNTRIES.get(self.code, self.code.replace("-", "_")))

    @cached_property
    def decimal_mark(self) -> str:
        """What stands between the units and the tenths."""
        return get_decimal_symbol(self.locale)

    @cached_property
    def texts(self) -> NullTranslations:
        """The catalogue; the source needs none."""
        return NullTranslations() if self.code == SOURCE else Translations(io.BytesIO(_compiled(read(self.code))))

    def date(self, moment: datetime, length: str = "medium") -> str:
        """A day: `full` with its name, `long` with the month's, `medium` abbreviated."""
        return format_date(moment, length, locale=self.locale)

    def day(self, moment: datetime) -> str:
        """A day of a year that is known."""
        return format_skeleton("MMMd", moment, locale=self.locale)

    def month(self, moment: datetime) -> str:
        """A month of a year, as it stands alone."""
        name = get_month_names("wide", "stand-alone", self.locale)[moment.month]
        return f"{name[:1].upper()}{name[1:]} {moment.year}"

    def time(self, moment: datetime, *, seconds: bool = False) -> str:
        """A time of day, 24 hours long everywhere: logs and charts are compared."""
        return format_time(moment, "HH:mm:ss" if seconds else "HH:mm", locale=self.locale)


def read(code: str) -> Catalog:
    """The catalogue of a language as it lies there."""
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code.replace("-", "_"))


def _compiled(catalog: Catalog) -> bytes:
    made = io.BytesIO()
    write_mo(made, catalog)
    return made.getvalue()


@cache
def languages() -> Mapping[str, Language]:
    """Every language there is, by code; the source first."""
    codes = [SOURCE, *sorted(path.stem for path in FOLDER.glob("*.po"))]
    return {code: Language(code) for code in codes}


_spoken: ContextVar[Language | None] = ContextVar("language", default=None)


def language() -> Language:
    """The language of this request; the source outside of one."""
    return _spoken.get() or languages()[SOURCE]


def speak(code: str) -> Language:
    """From now on this language; an unknown one is the source."""
    chosen = languages().get(code, languages()[SOURCE])
    _spoken.set(chosen)
    return chosen


def preferred(wanted: Sequence[str]) -> str:
    """The first of these codes that the page speaks, also for another country: `pt-BR` is `pt`; else the source."""
    for code in wanted:
        for known in (code.lower(), code.lower().partition("-")[0]):
            if found := next((each for each in languages() if each.lower() == known), None):
                return found
    return SOURCE


def gettext(text: str, **values: object) -> str:
    """The text in the language of this request; `%(name)s` stands for a value."""
    found = language().texts.ugettext(text) if text else ""
    return found % values if values else found


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """The text for this number, which it holds as `%(num)s`."""
    return language().texts.ungettext(one, many, number) % {"num": number, **values}


def marked(text: str) -> str:
    """The same text: it is translated where it is shown, and the catalogues learn of it here."""
    return text
