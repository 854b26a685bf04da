"""Shorthands of a map written out: one source for many, a column's name for its entry, words of the whole map."""

from itertools import product

from sonimage.exports.named_columns import field_of
from sonimage.faults import Fault


def write_out(export_map: dict) -> dict:
    """Return the map without shorthands: `repeat` as several sources, `sex: sex` as `sex: {column: sex}`, `words` at columns."""
    tables = {
        table: [_source(one, table, export_map.get("words", {})) for source in sources for one in _repeated(source)]
        for table, sources in export_map["tables"].items()
    }
    keys = {
        key: entry | {"check": _columns(entry.get("check", {}))}
        for key, entry in export_map.get("patient_keys", {}).items()
    }
    return export_map | {"tables": tables} | ({"patient_keys": keys} if keys else {})


def repeat_faults(export_map: dict, path: str) -> list[Fault]:
    """A fault for each name of a `repeat` that nothing in its source takes in: the same rows would be read again."""
    return [
        Fault(
            path,
            None,
            f"tables/{table}",
            f"`{{{name}}}` of `repeat` stands nowhere in the source",
            "Write it into column names",
        )
        for table, sources in export_map["tables"].items()
        for source in sources
        for name in source.get("repeat", {})
        if f"{{{name}}}" not in repr({key: value for key, value in source.items() if key != "repeat"})
    ]


def _repeated(source: dict) -> list[dict]:
    """One source for each combination of the values of `repeat`."""
    if "repeat" not in source:
        return [source]
    rest = {key: value for key, value in source.items() if key != "repeat"}
    names = list(source["repeat"])
    return [
        _filled(rest, {f"{{{name}}}": value for name, value in zip(names, values, strict=True)})
        for values in product(*source["repeat"].values())
    ]


def _filled(node, values: dict[str, str]):
    """The node with every `{L}` in its keys and texts replaced."""
    if isinstance(node, dict):
        return {_filled(key, values): _filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(one, values) for one in node]
    if isinstance(node, str):
        for name, value in values.items():
            node = node.replace(name, value)
    return node


def _source(source: dict, table: str, words: dict) -> dict:
    columns = {
        column: _with_words(entry, column, field_of(table, column), words)
        for column, entry in _columns(source["columns"]).items()
    }
    return source | {"columns": columns}


def _columns(columns: dict) -> dict[str, dict]:
    return {name: {"column": entry} if isinstance(entry, str) else entry for name, entry in columns.items()}


def _with_words(entry: dict, column: str, field: dict, words: dict) -> dict:
    """The entry with the words of the whole map that are for it: those of its levels, of its vocabulary, its own."""
    levels = field.get("constraints", {}).get("enum", [])
    if not levels or not (words or "words" in entry):
        return entry
    of_levels = {word: level for word, level in words.items() if level in levels}
    named = [words.get(name, {}) for name in (column, entry.get("vocabulary", column))]
    own = [of_levels, *(some for some in named if isinstance(some, dict)), entry.get("words", {})]
    found = {" ".join(word.casefold().split()): level for some in own for word, level in some.items()}
    return entry | {"words": found} if found else entry
