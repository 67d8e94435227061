"""Puts the status page together; nothing is read or opened before the first request."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from werkzeug.exceptions import HTTPException

from collector.config.settings import Settings
from collector.errors import PhaselogError
from collector.model.finding import Doctor
from collector.web import problems, wording
from collector.web.api import api
from collector.web.camera_words import doubt
from collector.web.changes import changes
from collector.web.compression import packed
from collector.web.heat_pump import heat_pump
from collector.web.language import gettext, language
from collector.web.login.forms import csrf_field
from collector.web.login.gate import keep_cookie, pass_gate
from collector.web.login.identity import who
from collector.web.login.views import login
from collector.web.negotiation import negotiate, remember
from collector.web.pages import about_page
from collector.web.rooms import ROOMS, blueprints
from collector.web.said_elsewhere import said
from collector.web.screen import screen
from collector.web.security import closed
from collector.web.site import EXTENSION, Site, Stores

#: Longest request, octets: a form, or a table of prices.
LONGEST = 1_000_000


def create_app(settings: Settings, stores: Stores, runtime: Path, doctor: Doctor) -> Flask:
    """The page over this store and this runtime directory; the store is opened when first needed."""
    app = Flask("collector.web", static_folder=None)
    # A redirect would repeat the Host header, which anybody may write.
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LONGEST
    app.extensions[EXTENSION] = Site(settings, stores, runtime, doctor)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext,
        _plural,
        newstyle=True,
    )
    app.jinja_env.globals |= {
        "wording": wording,
        "csrf_field": csrf_field,
        "who": who,
        "rooms": ROOMS,
        "said": said,
        "doubt": doubt,
    }
    for blueprint in (*blueprints(), screen, login, api, changes, heat_pump):
        app.register_blueprint(blueprint)
    app.context_processor(about_page)
    app.before_request(negotiate)
    app.before_request(pass_gate)
    app.after_request(packed)
    app.after_request(keep_cookie)
    app.after_request(remember)
    app.after_request(closed)
    app.register_error_handler(PhaselogError, problems.known)
    app.register_error_handler(HTTPException, problems.http)
    app.register_error_handler(Exception, problems.unknown)
    return app


def _plural(one: str, many: str, number: int) -> str:
    """The text for this number; Jinja puts the values in, so that they are escaped."""
    return language().texts.ungettext(one, many, number)
