"""What PyPI's jsonschema-rs takes for the same events: one line `type parse-ns validate-ns` for each.

usage: contracts_peer.py SCHEMAS EVENTS SECONDS
"""

import json
import pathlib
import sys
import time

import jsonschema_rs


def best(seconds, body):
    """Nanoseconds of one call: the least of rounds of fifty."""
    end = time.perf_counter() + seconds
    least = float("inf")
    while time.perf_counter() < end:
        start = time.perf_counter_ns()
        for _ in range(50):
            body()
        least = min(least, (time.perf_counter_ns() - start) / 50)
    return least


def main():
    schemas, events, seconds = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), float(sys.argv[3])
    documents = [json.loads(file.read_text()) for file in sorted(schemas.glob("*.schema.json"))]
    registry = jsonschema_rs.Registry([(document["$id"], document) for document in documents])
    by_id = {document["$id"]: document for document in documents}
    for file in sorted(events.glob("*.json")):
        text = file.read_text()
        schema = by_id["urn:casus:schema:" + file.stem]
        validator = jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)
        value = json.loads(text)
        assert validator.is_valid(value), file
        parse = best(seconds / 2, lambda: json.loads(text))
        validate = best(seconds / 2, lambda: validator.is_valid(value))
        print(file.stem, int(parse), int(validate))


if __name__ == "__main__":
    main()
