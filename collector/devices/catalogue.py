"""Loads meter models from their TOML files and finds every mistake in them at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from collector.config.nearest import nearest
from collector.config.protocols import Offer
from collector.devices.consistency import inconsistencies
from collector.devices.map import Model
from collector.devices.model_file import parse
from collector.errors import ConfigError, Mistake

FOLDER = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """Every model there is, in order."""
    return tuple(sorted(_paths()))


class _Offers(Mapping[str, Offer]):
    """What each model asks of a configuration; a model's file is read when it is asked for."""

    def __getitem__(self, name: str) -> Offer:
        if name not in _paths():
            raise KeyError(name)
        model = load(name)
        return Offer(model.protocol, model.every, model.least_every)

    def __iter__(self) -> Iterator[str]:
        return iter(names())

    def __len__(self) -> int:
        return len(names())


OFFERS = _Offers()


@cache
def load(name: str) -> Model:
    """The model of this name, read once; ConfigError if there is none or its file is wrong."""
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
