"""Events for the tests. Everything in them is fictional, and says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional

from casus_client import Event, make_event

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = ROOT / "Sources" / "CasusEvents" / "Schemas"
T0 = "2026-01-05T08:00:00Z"


def effect_data(report: str = "EXERCISE-1", **members: Any) -> Dict[str, Any]:
    return {
        "report": report, "kind": "outage", "title": "EXERCISE outage", "operator": "EXERCISE Power", "started": T0,
        "reported": "2026-01-05T09:00:00Z", "capacity_lost": [], "cause": "malicious-action", **members,
    }


def effect(id: str, source: str = "//us.exercise/outage", tlp: str = "AMBER", exercise: bool = True,
           time: str = "2026-01-05T09:00:00Z", **members: Any) -> bytes:
    return make_event(
        "casus.effect.v1", effect_data(report=id, **members), source=source, id=id, time=time, tlp=tlp,
        exercise=exercise,
    )


def detection(number: int, source: str) -> bytes:
    data = {
        "finding": {"uid": f"EXERCISE-{number}", "title": "EXERCISE",
                    "analytic": {"name": "EXERCISE", "kind": "rule"}},
        "severity_id": 3, "first_seen": T0, "last_seen": T0, "count": 1, "domain": "cyberspace",
        "techniques": [{"id": "T0855", "domain": "ics", "probability": 0.9}], "software": [], "observables": [],
        "spoofed": False,
    }
    return make_event("casus.detection.v1", data, source=source, id=f"EXERCISE-{number}", time=T0, exercise=True)


def incident(revision: int = 1, effects: Optional[List[Dict[str, str]]] = None, phase: str = "effect",
             source: str = "//jp.exercise/correlator", tlp: str = "AMBER", exercise: bool = True,
             time: str = "2026-01-05T10:00:00Z", **members: Any) -> bytes:
    refs = effects or []
    data = {
        "incident": "EXERCISE-incident", "revision": revision, "state": "open", "title": "EXERCISE incident",
        "phase": phase, "first_seen": T0, "last_seen": T0, "domains": ["cyberspace"], "detection_count": 0,
        "effect_count": len(refs), "detections": [], "effects": refs, "techniques": [], "software": [], "assets": [],
        "victims": [], "sectors": ["us:energy"], "steps": [], "basis": [],
        "method": {"name": "EXERCISE", "version": "1"}, **members,
    }
    return make_event(
        "casus.incident.v1", data, source=source, id=f"EXERCISE-incident-r{revision}", time=time, tlp=tlp,
        exercise=exercise, subject="EXERCISE-incident",
    )


def technique(id: str, probability: float) -> Dict[str, Any]:
    return {
        "id": id, "domain": "ics", "probability": probability, "count": 1, "first_seen": T0, "last_seen": T0,
        "refs": [],
    }


def recorded(sequence: int, text: bytes, sender: str = "", flags: int = 0) -> Event:
    """An event as a subscription delivers it."""
    source = json.loads(text)["source"][2:]
    return Event(sequence, 1_767_600_000_000_000_000 + sequence, sender or source, flags, memoryview(text))


def reference(text: bytes) -> Dict[str, str]:
    return recorded(1, text).reference


def validator() -> Any:
    """A function that gives the faults of an event by its type's schema; None without PyPI's jsonschema."""
    try:
        import jsonschema
        import referencing
        import referencing.jsonschema
    except ImportError:
        return None
    resources = []
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        resources.append((content["$id"], referencing.Resource.from_contents(content)))
    registry = referencing.Registry().with_resources(resources)

    def faults(text: bytes) -> List[str]:
        event = json.loads(text)
        schema = {"$ref": f"urn:casus:schema:{event['type']}"}
        check = jsonschema.Draft202012Validator(schema, registry=registry)
        return [f"{fault.json_path}: {fault.message}" for fault in check.iter_errors(event)]

    return faults
