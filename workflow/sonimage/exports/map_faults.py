"""Faults against the schema of a map in words: which key, which value, and what is allowed."""

from collections.abc import Callable, Iterator
from difflib import get_close_matches

import jsonschema
from jsonschema import ValidationError

from sonimage import schemas
from sonimage.faults import Fault

KINDS = {
    "string": "a text", "array": "a list", "object": "keys with values", "boolean": "true or false",
    "integer": "a whole number", "number": "a number", "null": "nothing",
}  # fmt: skip
SEE = "See config/README.md, section Export maps"


def schema_faults(export_map, path: str, line_of: Callable[[list], int | None]) -> list[Fault]:
    """Every fault of a map against `workflow/schemas/export_map.yaml`."""
    validator = jsonschema.Draft202012Validator(schemas.load("export_map"))
    return [
        Fault(path, line_of(place), "/".join(map(str, place)) or None, rule, remedy)
        for error in validator.iter_errors(export_map)
        for leaf in _leaves(error)
        for place, rule, remedy in _in_words(leaf)
    ]


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """The error itself; of a choice between kinds those of the kind that was meant, if the value is of one."""
    if error.validator not in ("oneOf", "anyOf"):
        yield error
        return
    branches = {}
    for one in error.context:
        branches.setdefault(one.schema_path[0], []).append(one)
    meant = [some for some in branches.values() if not any(one.validator == "type" and not one.path for one in some)]
    if not meant:
        yield error
    for one in meant[0] if meant else []:
        yield from _leaves(one)


def _in_words(error: ValidationError) -> Iterator[tuple[list, str, str]]:
    """Place, rule and remedy of one error; of unknown keys one each."""
    place, value, wanted = list(error.absolute_path), error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = list(error.schema.get("properties", {}))
            for key in [key for key in value if key not in known]:
                yield [*place, key], f"unknown key {key!r}", _nearest(key, known)
        case "enum":
            yield place, f"{_shown(value)} is not allowed", _nearest(str(value), wanted)
        case "required":
            for key in [key for key in wanted if key not in value]:
                yield place, f"the key {key!r} is missing", f"Needed here: {', '.join(wanted)}"
        case "type":
            yield place, f"{_shown(value)} is not {_kinds(wanted)}", f"Allowed: {_kinds(wanted)}"
        case "oneOf" | "anyOf":
            kinds = [kind for branch in wanted for kind in [branch.get("type", "object")]]
            yield place, f"{_shown(value)} is not allowed", f"Allowed: {_kinds(kinds)}"
        case "minItems" | "minProperties" | "minLength":
            yield place, f"{_shown(value)} is too short", f"At least {wanted}"
        case _:
            yield place, error.message, SEE


def _nearest(word: str, known: list) -> str:
    near = get_close_matches(word, map(str, known), n=1)
    return (f"Did you mean {near[0]!r}? " if near else "") + f"Allowed: {', '.join(map(str, known))}"


def _kinds(wanted: str | list[str]) -> str:
    return " or ".join(KINDS[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted))


def _shown(value) -> str:
    kind = {dict: KINDS["object"], list: KINDS["array"], type(None): "an empty value"}.get(type(value))
    return kind or repr(value)[:60]
