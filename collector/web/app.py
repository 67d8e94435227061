"""Puts the status page together; nothing is read or opened before the first request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from werkzeug.exceptions import HTTPException

from collector.config.settings import Settings
from collector.errors import PhaselogError
from collector.model.finding import Doctor
from collector.model.ports import StoreReader
from collector.web import problems, wording
from collector.web.api import api
from collector.web.compression import packed
from collector.web.heat_pump import heat_pump
from collector.web.pages import about_page, pages
from collector.web.security import closed, only_looking
from collector.web.site import EXTENSION, Site


def create_app(settings: Settings, open_reader: Callable[[], StoreReader], runtime: Path, doctor: Doctor) -> Flask:
    """The page over this store and this runtime directory; the store is opened when first needed."""
    app = Flask("collector.web", static_folder=None)
    # A redirect would repeat the Host header, which anybody may write.
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = Site(settings, open_reader, runtime, doctor)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["wording"] = wording
    app.register_blueprint(pages)
    app.register_blueprint(api)
    app.register_blueprint(heat_pump)
    app.context_processor(about_page)
    app.before_request(only_looking)
    app.after_request(packed)
    app.after_request(closed)
    app.register_error_handler(PhaselogError, problems.known)
    app.register_error_handler(HTTPException, problems.http)
    app.register_error_handler(Exception, problems.unknown)
    return app
