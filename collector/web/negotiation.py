"""Finds out which language a visitor wants: what was chosen at the page, else what the browser asks for."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, g, request

from collector.web.language import Language, languages, preferred, speak

#: In an address the choice itself, in the cookie what was chosen.
NAME = "language"
_YEAR = 31_536_000


def negotiate() -> None:
    """Before each request: from here on its language is spoken."""
    chosen = request.args.get(NAME, "")
    if chosen in languages():
        g.chosen_language = chosen
    kept = request.cookies.get(NAME, "")
    wanted = [chosen, kept, *(code for code, _ in request.accept_languages)]
    speak(preferred([code for code in wanted if code]))


def remember(response: Response) -> Response:
    """After each request: keeps the choice, and tells caches what the answer depends on."""
    if chosen := g.get("chosen_language"):
        response.set_cookie(NAME, chosen, max_age=_YEAR, httponly=True, samesite="Lax", path="/")
    if not request.path.startswith("/static/"):
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def other_languages(current: Language) -> list[tuple[str, str, str]]:
    """(code, name, address of the same page in it) of every language but this one."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != NAME]
    others = [each for each in languages().values() if each != current]
    return [(each.code, each.name, f"{request.path}?{urlencode([*kept, (NAME, each.code)])}") for each in others]
