"""Writes docs/reference/api.md from static/openapi.json, so that people and programs are told the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from collector.web.assets import STATIC

Json = dict[str, Any]


def _resolved(api: Json, item: Json) -> Json:
    """The item, or what its $ref points to."""
    found = item
    for part in item.get("$ref", "").split("/")[1:]:
        found = api[part] if found is item else found[part]
    return found


def _type(schema: Json) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "oneOf" in schema:
        return " or ".join(_type(each) for each in schema["oneOf"])
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {_type(schema['items'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _fields(schema: Json, indent: str = "") -> Iterator[str]:
    inner = schema.get("items", schema)
    for name, field in inner.get("properties", {}).items():
        said = f": {field['description']}" if "description" in field else ""
        optional = "" if name in inner.get("required", ()) else ", where it applies"
        yield f"{indent}- `{name}` ({_type(field)}{optional}){said}"
        for nested in (field, field.get("items", {}), field.get("additionalProperties", {})):
            if isinstance(nested, dict) and "$ref" not in nested:
                yield from _fields(nested, indent + "  ") if "properties" in nested else ()


def _route(api: Json, path: str, route: Json) -> Iterator[str]:
    yield from (f"## GET {path}", "", f"{route['summary']}. {route['description']}", "")
    parameters = [_resolved(api, each) for each in route.get("parameters", ())]
    if parameters:
        yield from ("| parameter | | |", "|---|---|---|")
        for each in parameters:
            needed = "required" if each["required"] else "optional"
            yield f"| `{each['name']}` | {needed}, {_type(each['schema'])} | {each['description']} |"
        yield ""
    for status, answer in route["responses"].items():
        found = _resolved(api, answer)
        content = found.get("content", {}).get("application/json")
        body = f": {_type(content['schema'])}" if content and "$ref" in content["schema"] else ""
        yield f"- {status} {found['description']}{body}"
    content = route["responses"]["200"]["content"].get("application/json", {})
    yield from _fields(content.get("schema", {}), "  ")
    yield ""


def markdown() -> str:
    """The whole page."""
    api: Json = json.loads((STATIC / "openapi.json").read_text(encoding="utf-8"))
    lines = ["# The JSON API", "", f"{api['info']['summary']}. {api['info']['description']}", ""]
    lines += ["The same for programs: `/api/openapi.json` (OpenAPI 3.1). This page is generated from it:", ""]
    lines += ["    python -m collector.web.documentation > docs/reference/api.md", ""]
    for path, methods in api["paths"].items():
        lines += _route(api, path, methods["get"])
    lines += ["# What the answers hold", ""]
    for name, schema in api["components"]["schemas"].items():
        lines += [f"## {name}", "", *(list(_fields(schema)) or [f"One of {_type(schema)}."]), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(markdown())
