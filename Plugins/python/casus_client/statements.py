"""What people signed, read as strictly as the broker reads events: one signature, one reading, here as in Swift."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from functools import lru_cache
from typing import Any, Dict, List, Tuple

from .schema import Schema
from .tables import read_table

POSITION = "application/vnd.casus.position.v1+json"
DECISION = "application/vnd.casus.decision.v1+json"

_MAX_BYTES = 64 << 10
_MAX_DEPTH = 32
_SURROGATE = re.compile("[\ud800-\udfff]")
_SCHEMAS = {POSITION: "position-statement", DECISION: "decision-statement"}


class StatementError(ValueError):
    """Why signed bytes are no statement."""


def read_envelope(envelope: Dict[str, Any]) -> Dict[str, Any]:
    """The statement in a position's or a decision's envelope, **not verified**: check the signatures over the same bytes."""
    try:
        text = str(envelope["payload"]).replace("-", "+").replace("_", "/")
        payload = base64.b64decode(text, validate=True)
    except (KeyError, binascii.Error, ValueError) as error:
        raise StatementError("the payload is not base64") from error
    return read_statement(payload, str(envelope.get("payloadType")))


def read_statement(payload: bytes, media_type: str) -> Dict[str, Any]:
    """The statement in a payload's bytes.

    Raises StatementError for what is not I-JSON (RFC 7493: a member twice, half a surrogate pair, a number that two readers
    take for two), and for what breaks the statement's schema, wherever it stands.
    """
    if media_type not in _SCHEMAS:
        raise StatementError(f"no statement is of the type {media_type!r}")
    value = _parse(payload)
    for place, fault in _schema(media_type).faults(value):
        raise StatementError(f"{place or 'the statement'} {fault}")
    return value


@lru_cache(maxsize=None)
def _schema(media_type: str) -> Schema:
    documents = [read_table(f"{name}.schema.json") for name in ("common", *_SCHEMAS.values())]
    return Schema(f"urn:casus:schema:{_SCHEMAS[media_type]}", {document["$id"]: document for document in documents})


def _parse(payload: bytes) -> Any:
    if len(payload) > _MAX_BYTES:
        raise StatementError(f"a statement has at most {_MAX_BYTES} bytes")
    try:
        text = payload.decode("utf-8")
        if text.startswith("\ufeff"):
            raise StatementError("a byte order mark is no JSON")
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise StatementError(f"not JSON: {error}") from error
    _check(value, 1)
    return value


def _object(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise StatementError("a member stands twice")
    return members


def _integer(text: str) -> int:
    number = int(text) if len(text) <= 20 else None
    if number is None or not -(1 << 63) <= number < 1 << 64 or int(float(number)) != number:
        raise StatementError(f"readers disagree about the number {text[:24]}")
    return number


def _float(text: str) -> Any:
    number = float(text)
    is_zero = not any(digit in "123456789" for digit in re.split("[eE]", text)[0])
    if math.isinf(number) or (number == 0 and not is_zero):
        raise StatementError(f"no double holds the number {text[:24]}")
    return int(number) if number.is_integer() and abs(number) < 1 << 63 else number


def _constant(text: str) -> Any:
    raise StatementError(f"{text} is no JSON")


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise StatementError("half of a surrogate pair")
        return
    if not isinstance(value, (dict, list)):
        return
    if depth > _MAX_DEPTH:
        raise StatementError(f"more than {_MAX_DEPTH} levels")
    for name, member in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(name, str):
            _check(name, depth)
        _check(member, depth + 1)
