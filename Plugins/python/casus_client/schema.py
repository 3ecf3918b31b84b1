"""As much of JSON Schema 2020-12 as the schemas of statements use, and their annotation `x-rising` (PROTOCOL.md, 10)."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator, Mapping, Set, Tuple

from .events import parse_time

_KEYWORDS = {
    "$schema", "$id", "$defs", "$ref", "title", "description", "type", "properties", "required", "additionalProperties",
    "items", "enum", "pattern", "format", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum",
    "x-rising",
}
_NUMBER = (int, float)
_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "number": _NUMBER, "integer": _NUMBER}

Fault = Tuple[str, str]
"""A JSON Pointer into the value, and what is wrong there."""


class Schema:
    """One of several documents that refer to each other. Made once, it is only read."""

    def __init__(self, name: str, documents: Mapping[str, Any]) -> None:
        """`documents` by their `$id`. ValueError when a schema that is used says what is not understood here."""
        self._documents = documents
        self._name = name
        self._patterns: Dict[str, "re.Pattern[str]"] = {}
        self._prepare(documents[name], name, set())

    def faults(self, value: Any) -> Iterator[Fault]:
        """What is wrong with a value as `json` reads one; nothing when it keeps the schema."""
        return self._check(value, self._documents[self._name], self._name, "")

    def _prepare(self, schema: Any, name: str, seen: Set[int]) -> None:
        if id(schema) in seen:
            return
        seen.add(id(schema))
        unknown = schema.keys() - _KEYWORDS
        others = schema.get("additionalProperties", False) is not False or schema.get("format", "date-time") != "date-time"
        if unknown or others:
            raise ValueError(f"a schema says more than is understood here: {sorted(unknown) or schema}")
        if "pattern" in schema:
            # ECMA's $ is the end of the text; Python's stands before a last line feed as well.
            self._patterns[schema["pattern"]] = re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", schema["pattern"]))
        if "$ref" in schema:
            self._prepare(*self._target(schema["$ref"], name), seen)
        for part in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
            self._prepare(part, name, seen)

    def _target(self, reference: str, name: str) -> Tuple[Any, str]:
        document, _, path = reference.partition("#")
        name = document or name
        target = self._documents[name]
        for step in path.split("/")[1:]:
            target = target[step]
        return target, name

    def _check(self, value: Any, schema: Any, name: str, at: str) -> Iterator[Fault]:
        if "$ref" in schema:
            target, where = self._target(schema["$ref"], name)
            yield from self._check(value, target, where, at)
        if "type" in schema and not _is_of(value, schema["type"]):
            yield at, f"is no {schema['type']}"
            return
        if "enum" in schema and not any(type(value) is type(known) and value == known for known in schema["enum"]):
            yield at, "is none of the values that are taken"
        if isinstance(value, str):
            yield from self._check_text(value, schema, at)
        elif isinstance(value, dict):
            yield from self._check_object(value, schema, name, at)
        elif isinstance(value, list):
            if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
                yield at, f"has {len(value)} elements"
            for index, element in enumerate(value):
                yield from self._check(element, schema.get("items", {}), name, f"{at}/{index}")
        elif _is_of(value, "number") and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield at, "is out of its range"

    def _check_text(self, value: str, schema: Any, at: str) -> Iterator[Fault]:
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            yield at, f"has {len(value)} characters"
        elif "pattern" in schema and not self._patterns[schema["pattern"]].search(value):
            yield at, "does not match its pattern"
        elif "format" in schema:
            try:
                parse_time(value)
            except ValueError:
                yield at, "is no time"

    def _check_object(self, value: Dict[str, Any], schema: Any, name: str, at: str) -> Iterator[Fault]:
        properties = schema.get("properties", {})
        for member in schema.get("required", ()):
            if member not in value:
                yield at, f"lacks the member {json.dumps(member)}"
        for member, content in value.items():
            place = f"{at}/{_escaped(member)}"
            if member in properties:
                yield from self._check(content, properties[member], name, place)
            elif "additionalProperties" in schema:
                yield place, "is a member that no schema knows"
        for members in schema.get("x-rising", ()):
            found = [(member, value[member]) for member in members if member in value]
            for (_, before), (member, after) in zip(found, found[1:]):
                if _falls(before, after):
                    yield f"{at}/{member}", "is less than the one before it"


def _is_of(value: Any, name: str) -> bool:
    if not isinstance(value, _TYPES[name]) or isinstance(value, bool) and name != "boolean":
        return False
    return name != "integer" or isinstance(value, int) or value.is_integer()


def _falls(before: Any, after: Any) -> bool:
    try:
        if isinstance(before, str) and isinstance(after, str):
            return parse_time(after) < parse_time(before)
        return bool(after < before)
    except (TypeError, ValueError):
        return False  # Not of its type: told already.


def _escaped(member: str) -> str:
    """As a step of a JSON Pointer, short, and without what would steer a terminal."""
    return ascii(member[:60])[1:-1].replace("~", "~0").replace("/", "~1")
