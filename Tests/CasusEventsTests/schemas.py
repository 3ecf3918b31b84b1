"""Checks events against their schemas with PyPI's jsonschema, and that every wrong variation of them is refused.

usage: schemas.py FOLDER     FOLDER/schemas/*.json, FOLDER/documents.jsonl (one {"schema": id, "document": …} a line)
Writes the wrong variations to FOLDER/variations.jsonl, so that another validator can judge them too.
Prints one summary line; exit 1 when a document is refused or a wrong variation is accepted.
"""

import copy
import json
import pathlib
import sys

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

folder = pathlib.Path(sys.argv[1])
schemas = {}
for path in (folder / "schemas").glob("*.json"):
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    schemas[schema["$id"]] = schema
registry = Registry().with_resources((name, Resource.from_contents(s)) for name, s in schemas.items())


def validator(name):
    return Draft202012Validator(schemas[name], registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def applicable(schema, base):
    """The schemas that apply at one place, each with the document that its references start from."""
    found = [(schema, base)]
    if "$ref" in schema:
        document, _, fragment = schema["$ref"].partition("#")
        base = document or base
        target = schemas[base]
        for word in [w for w in fragment.split("/") if w]:
            target = target[word]
        found += applicable(target, base)
    return found


WRONG = {"string": 1, "integer": "x", "number": "x", "boolean": "true", "object": [], "array": {}}


def wrong_values(value, rules):
    yield "null", None
    for rule, _ in rules:
        kinds = rule.get("type", [])
        for kind in [kinds] if isinstance(kinds, str) else []:
            yield f"not {kind}", WRONG[kind]
        if "const" in rule or "enum" in rule:
            yield "not listed", "zz-not-listed"
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            for name, by in [("minimum", -1), ("exclusiveMinimum", 0), ("maximum", 1)]:
                if name in rule:
                    yield f"beyond {name}", rule[name] + by
        if isinstance(value, str):
            if "maxLength" in rule:
                yield "too long", (value * (rule["maxLength"] + 1))[: rule["maxLength"] + 1]
            if rule.get("minLength", 0) > 0:
                yield "too short", ""
            if "pattern" in rule:
                yield "control character", value + "\u0001"
                yield "line feed and control character", "\u0001\n" + value
        if isinstance(value, list):
            if "maxItems" in rule and value:
                yield "too many", value * (rule["maxItems"] // len(value) + 1)
            if rule.get("minItems", 0) > 0:
                yield "too few", []
        if isinstance(value, dict):
            for name in rule.get("required", []):
                yield f"without {name}", {k: v for k, v in value.items() if k != name}
            if rule.get("additionalProperties") is False:
                yield "unknown member", {**value, "zz_unknown": 1}
            if "propertyNames" in rule:
                yield "bad attribute name", {**value, "Bad_Name": "x"}
                yield "attribute that is no scalar", {**value, "extension": {}}


def variations(value, schema, base, path=()):
    rules = applicable(schema, base)
    for what, wrong in wrong_values(value, rules):
        yield path, what, wrong
    for rule, inside in rules:
        if isinstance(value, dict):
            for name, member in value.items():
                if name in rule.get("properties", {}):
                    yield from variations(member, rule["properties"][name], inside, path + (name,))
        if isinstance(value, list) and "items" in rule:
            for index, item in enumerate(value[:1]):
                yield from variations(item, rule["items"], inside, path + (index,))


def with_value(document, path, value):
    if not path:
        return value
    changed = copy.deepcopy(document)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


variants = (folder / "variations.jsonl").open("w")
documents = refused = failures = unseen = 0
for line in (folder / "documents.jsonl").read_text().splitlines():
    entry = json.loads(line)
    name, document = entry["schema"], entry["document"]
    check = validator(name)
    documents += 1
    for error in check.iter_errors(document):
        failures += 1
        print(f"{name}: a good document is refused at {error.json_path}: {error.message}")
    for path, what, wrong in variations(document, schemas[name], name):
        variant = with_value(document, path, wrong)
        where = f"{what} at /{'/'.join(map(str, path))}"
        variants.write(json.dumps({"schema": name, "what": where, "document": variant}) + "\n")
        if check.is_valid(variant):
            failures += 1
            print(f"{name}: accepted: {where}")
        else:
            refused += 1
    # A sample sets every member, so that the schema has none that the program doesn't know.
    for rule, _ in applicable(schemas[name].get("properties", {}).get("data", {}), name):
        for member in rule.get("properties", {}):
            if member not in document["data"]:
                unseen += 1
                print(f"{name}: the sample lacks {member}")
variants.close()
print(f"documents {documents} refused {refused} failures {failures + unseen}")
sys.exit(1 if failures + unseen else 0)
