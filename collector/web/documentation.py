"""Writes docs/reference/api.md from the OpenAPI description, so that people and programs are told the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from collector.web.openapi import described

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


def _route(api: Json, method: str, path: str, route: Json) -> Iterator[str]:
    yield from (f"## {method.upper()} {path}", "", f"{route['summary']}. {route['description']}", "")
    parameters = [_resolved(api, each) for each in route.get("parameters", ())]
    if "requestBody" in route:
        yield from ("The body holds:", "", *_body(api, route["requestBody"]), "")
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
    good = next(_resolved(api, answer) for status, answer in route["responses"].items() if status.startswith("2"))
    yield from _fields(good.get("content", {}).get("application/json", {}).get("schema", {}), "  ")
    yield ""


def _body(api: Json, body: Json) -> Iterator[str]:
    for content in body["content"].values():
        yield from _fields(_resolved(api, content["schema"]))


def markdown() -> str:
    """The whole page."""
    api = described()
    lines = ["# The JSON API", "", f"{api['info']['summary']}. {api['info']['description']}", ""]
    lines += ["The same for programs: `/api/openapi.json` (OpenAPI 3.1). This page is generated from it:", ""]
    lines += ["    python -m collector.web.documentation > docs/reference/api.md", ""]
    for path, methods in api["paths"].items():
        for method, route in methods.items():
            lines += _route(api, method, path, route)
    lines += ["# What the answers hold", ""]
    for name, schema in api["components"]["schemas"].items():
        lines += [f"## {name}", "", *(list(_fields(schema)) or [f"One of {_type(schema)}."]), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(markdown())
