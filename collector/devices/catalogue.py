"""Loads meter models from their TOML files and finds every mistake in them at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from collector.config.nearest import nearest
from collector.config.protocols import Models, Offer
from collector.devices.consistency import inconsistencies
from collector.devices.map import Model
from collector.devices.model_file import parse
from collector.errors import ConfigError, Mistake

FOLDER = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """Every model there is, in order."""
    return tuple(sorted(_paths()))


#: The models that the configuration of this process defines itself.
_own: dict[str, Model] = {}


class _Offers(Models):
    """What each model asks of a configuration; a model's file is read when it is asked for."""

    def __getitem__(self, name: str) -> Offer:
        if name not in _own and name not in _paths():
            raise KeyError(name)
        model = load(name)
        return Offer(model.protocol, model.every, model.least_every)

    def __iter__(self) -> Iterator[str]:
        return iter((*_own, *names()))

    def __len__(self) -> int:
        return len(_own) + len(names())

    def define(self, tables: Mapping[str, Any]) -> list[Mistake]:
        """Replaces the models of this configuration; returns what is wrong with them, with its place in the file."""
        _own.clear()
        mistakes: list[Mistake] = []
        for name, table in tables.items():
            found: list[Mistake] = []
            _own[name] = parse(_as_file(name, table), found)
            found += inconsistencies(_own[name]) if not found else []
            if name in _paths():
                found.append(Mistake("", "is the name of a model that Phaselog brings along", "choose another name"))
            mistakes += [replace(one, key=f"model.{name}.{one.key}".rstrip(".")) for one in found]
        return mistakes


def _as_file(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The table as a model file would have it: what is no table stands under [model]."""
    inner = {key: value for key, value in table.items() if isinstance(value, dict | list) and key != "sources"}
    facts = {key: value for key, value in table.items() if key not in inner}
    usual = {"name": name, "maker": "own", "title": name, "sources": ["the configuration"]}
    return {**inner, "model": usual | facts}


OFFERS = _Offers()


def load(name: str) -> Model:
    """The model of this name; ConfigError if there is none or its file is wrong."""
    return _own[name] if name in _own else _brought_along(name)


@cache
def _brought_along(name: str) -> Model:
    """Read once."""
    if name not in names():
        raise ConfigError(f'unknown meter model "{name}"', hint=nearest(name, names()))
    return load_file(_paths()[name])


@cache
def _paths() -> dict[str, Path]:
    """Name -> file; one folder a maker."""
    return {path.stem: path for path in FOLDER.glob("*/*.toml")}


def load_file(path: Path) -> Model:
    """The model in this file; ConfigError with all mistakes if it is wrong or cannot be read."""
    mistakes: list[Mistake] = []
    model = parse(_read(path), mistakes)
    if not mistakes:
        mistakes += inconsistencies(model)
    if model.name and model.name != path.stem:
        mistakes.append(Mistake("model.name", f'"{model.name}" is not the name of the file', f'write "{path.stem}"'))
    if mistakes:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise ConfigError(f"{path}: {count}", mistakes, "docs/how-to/add-a-meter.md explains every key")
    return model


def _read(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="is the name of the file right?") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}", hint="a model file is TOML in UTF-8") from error
