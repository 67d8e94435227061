"""Reads the one TOML file into Settings, or says everything that is wrong with it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from collector.config.alert_relations import alert_relations
from collector.config.nearest import nearest
from collector.config.places import camera_service, state_directory
from collector.config.protocols import PROTOCOLS, Models, Offer
from collector.config.relations import relations
from collector.config.schema import MANY, SINGLE, checked
from collector.config.settings import (
    AlertingSettings,
    AlertSettings,
    ApplianceSettings,
    BackupSettings,
    CameraService,
    ClockSettings,
    EnergySettings,
    ForecastSettings,
    LineSettings,
    MailSettings,
    MeterSettings,
    PageSettings,
    Settings,
    SiteSettings,
    SpoolSettings,
    StoreSettings,
    WebhookSettings,
)
from collector.config.targets import where
from collector.config.tariffs import Written, tariffs
from collector.config.warnings import warnings
from collector.config.wording import mistake, shown
from collector.errors import ConfigError, Mistake

#: The Pi's own camera.
RPICAM = "rpicam"
#: The table under which a configuration defines models of its own, and that of tariffs, which holds further ones.
OWN, TARIFF = "model", "tariff"


def load(path: Path, models: Models) -> Settings:
    """The checked configuration of this file.

    Raises ConfigError with every mistake there is; the file itself missing or unreadable is one, too.
    """
    data = _read(path)
    mistakes = [*_shape(data), *models.define(_own_models(data))]
    tables = {name: _tables(data.get(name), name in MANY) for name in (*SINGLE, *MANY)}
    values = {name: [_checked(name, index, table, mistakes) for index, table in enumerate(found)]
              for name, found in tables.items()}  # fmt: skip
    one = {name: (tables[name] or [{}])[0] for name in SINGLE}
    meters = [name for meter in tables["meter"] if isinstance(name := meter.get("name"), str)]
    found, wrong = tariffs(_written_tariffs(path, data, one["energy"], mistakes), meters)
    mistakes += wrong
    mistakes += alert_relations(data)
    mistakes += relations(one["site"], one["store"], tables["line"], tables["meter"], models)
    if mistakes:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise ConfigError(f"{path}: {count}", mistakes)
    return replace(_settings(path, values, models), tariffs=found)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file", hint="name the file, or set PHASELOG_CONFIG") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start} is not UTF-8", hint="save the file as UTF-8") from None
    except OSError as error:
        hint = "run it as a user who may read the file" if isinstance(error, PermissionError) else ""
        raise ConfigError(f"{path}: {error.strerror}", hint=hint) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(*_syntax(path, text, str(error))) from None


def _syntax(path: Path, text: str, said: str) -> tuple[str, Sequence[Mistake], str]:
    """tomllib's complaint as line and column, with the line itself."""
    found = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", said)
    if not found:
        return f"{path}: {said}", (), "the file ends too early: a quote or bracket is not closed"
    line, column = int(found[2]), int(found[3])
    hint = f"the line is: {text.splitlines()[line - 1].strip()}" if line <= len(text.splitlines()) else ""
    return f"{path}: line {line}, column {column}: {found[1]}", (), hint


def _shape(data: Mapping[str, Any]) -> list[Mistake]:
    """Tables that are unknown, or written with the wrong number of brackets."""
    found = []
    for name, value in data.items():
        if name == OWN:
            if not (isinstance(value, dict) and all(isinstance(part, dict) for part in value.values())):
                found.append(Mistake(name, "is not a table of models", f"write [{OWN}.NAME] for each"))
        elif name not in SINGLE and name not in MANY and name != TARIFF:
            found.append(Mistake(name, f'unknown table "{name}"', nearest(name, (*SINGLE, *MANY, OWN, TARIFF))))
        elif (name in MANY or name == TARIFF) and not (
            isinstance(value, list) and all(isinstance(part, dict) for part in value)
        ):
            found.append(Mistake(name, "is not a list of tables", f"write [[{name}]] with two brackets on each side"))
        elif name in SINGLE and not isinstance(value, dict):
            said = "is written twice" if isinstance(value, list) else f"{shown(value)} is not a table"
            found.append(Mistake(name, said, f"write [{name}] with one bracket on each side, once"))
    return found


def _own_models(data: Mapping[str, Any]) -> dict[str, Any]:
    value = data.get(OWN)
    return {name: table for name, table in value.items() if isinstance(table, dict)} if isinstance(value, dict) else {}


def _written_tariffs(
    path: Path, data: Mapping[str, Any], energy: Mapping[str, Any], mistakes: list[Mistake]
) -> list[Written]:
    """The tables `[[tariff]]` of the configuration itself, and of the files that it names."""
    places = [(path, "", data)]
    names = energy.get("tariff_files", [])
    for name in names if isinstance(names, list) else []:
        file = _beside(path, name) if isinstance(name, str) else None
        if file is None:
            continue
        try:
            places.append((file, f"{name}: ", _read(file)))
        except ConfigError as error:
            mistakes.append(Mistake("energy.tariff_files", str(error), error.hint))
    mistakes += [
        Mistake(f"{place}{key}", "does not belong here", "a file of tariffs holds [[tariff]] tables only")
        for _, place, held in places[1:]
        for key in held
        if key != TARIFF
    ]
    return [
        Written(file, f"{place}{TARIFF}[{index}]", table)
        for file, place, held in places
        for index, table in enumerate(_tables(held.get(TARIFF), many=True))
    ]


def _tables(value: object, many: bool) -> list[Mapping[str, Any]]:
    """What can be checked further, even where the shape is wrong."""
    parts = value if isinstance(value, list) else [value] if value is not None else [] if many else [{}]
    return [part for part in parts if isinstance(part, dict)]


def _checked(name: str, index: int, table: Mapping[str, Any], mistakes: list[Mistake]) -> dict[str, Any]:
    values, faults = checked(name, table)
    for fault in faults:
        key = str(fault[0][0])
        here = where(name, index, table, key) if name in MANY else f"{name}.{key}"
        mistakes.append(mistake(name, here, fault))
    return values


def _settings(path: Path, values: Mapping[str, list[dict[str, Any]]], models: Mapping[str, Offer]) -> Settings:
    store = values["store"][0]
    store["password_file"] = _beside(path, store["password_file"])
    store["path"] = _beside(path, store["path"])
    if store["kind"] == "sqlite" and store["path"] is None:
        store["path"] = state_directory(path) / "phaselog.sqlite"
    meters = tuple(_meter(path, meter, models[meter["model"]]) for meter in values["meter"])
    lines = tuple(_line(path, line, meters, models) for line in values["line"])
    store["compatible_meter"] = store["compatible_meter"] or _like_the_ancestor(meters)
    checked_store = StoreSettings(**store)
    return Settings(
        path=path,
        site=SiteSettings(**values["site"][0]),
        store=checked_store,
        spool=SpoolSettings(**values["spool"][0]),
        clock=ClockSettings(**values["clock"][0]),
        page=PageSettings(**values["page"][0]),
        backup=BackupSettings(**values["backup"][0]),
        energy=EnergySettings(**values["energy"][0]),
        forecast=ForecastSettings(**values["forecast"][0]),
        appliance=ApplianceSettings(**values["appliance"][0]),
        mail=MailSettings(**_placed(path, values["mail"][0], "ca_file", "password_file")),
        alerting=AlertingSettings(**values["alerts"][0]),
        webhooks=tuple(WebhookSettings(**_placed(path, hook, "url_file")) for hook in values["webhook"]),
        alerts=tuple(AlertSettings(**rule) for rule in values["alert"]),
        lines=lines,
        meters=meters,
        warnings=tuple(warnings(checked_store, lines, meters)),
    )


def _meter(path: Path, meter: Mapping[str, Any], offer: Offer) -> MeterSettings:
    every = offer.every if meter["every"] is None else meter["every"]
    return MeterSettings(
        **{**meter, "every": every, **{key: _beside(path, meter[key]) for key in ("key_file", "profile")}}
    )


def _line(
    path: Path, line: Mapping[str, Any], meters: Sequence[MeterSettings], models: Mapping[str, Offer]
) -> LineSettings:
    """Speed and frame are those of what the meters on it speak, unless the file tells them."""
    spoken = (models[meter.model].protocol for meter in meters if meter.line == line["name"])
    protocol = next(spoken, "modbus")
    usual = PROTOCOLS[protocol]
    own = {"baud": line["baud"] or usual.baud, "frame": line["frame"] or usual.frame, "protocol": protocol}
    return LineSettings(**{**_placed(path, line, "ca_file", "password_file"), **own, **_camera(path, line["camera"])})


def _camera(path: Path, camera: str | None) -> dict[str, Any]:
    """A folder is named relative to the file; everything else by a word or an address."""
    if camera is None:
        return {}
    folder = not (camera == RPICAM or "://" in camera or camera.startswith("/"))
    return {"camera": str(_beside(path, camera)) if folder else camera, "service": CameraService(*camera_service(path))}


def _like_the_ancestor(meters: Sequence[MeterSettings]) -> str | None:
    """The meter that view `multimedidor` shows unless one is named: the first PAC3100, else the first meter."""
    pac3100 = [meter.name for meter in meters if meter.model == "siemens-pac3100"]
    return next(iter(pac3100 + [meter.name for meter in meters]), None)


def _placed(path: Path, values: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The values, with these paths as the file means them."""
    return {**values, **{key: _beside(path, values[key]) for key in keys}}


def _beside(config: Path, name: str | None) -> Path | None:
    """A path as the file means it: relative to the file's own folder."""
    return (config.parent / Path(name).expanduser()).absolute() if name else None
