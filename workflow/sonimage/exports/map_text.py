"""The text of a map as YAML: no key twice, every text as it is written, the line of every place."""

from collections.abc import Callable
from pathlib import Path

import yaml

from sonimage.faults import Fault, FaultError

# Settings that are a number, or true or false; all others are text: a code 01, yes or 1.0 is what stands in the map.
TYPED = {"header_row", "required", "trailing_empty_column", "optional", "distinct", "fills_gaps", "tolerance"}
WORDS = {"codes", "words", "see", "repeat", "by", "tracers", "also_called", "columns"}  # their keys are no settings
NULL, MERGE = "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"


class UniqueKeyLoader(yaml.CSafeLoader):
    """YAML that refuses a key written twice (the standard loader keeps the last) and leaves dates as text."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"key written twice: {', '.join(map(str, twice))}", node.start_mark
            )
        return super().construct_mapping(node, deep)


class TextLoader(UniqueKeyLoader):
    """The same, where every value but an empty one is text as written."""


def _resolvers(tags: Callable[[str], bool]) -> dict:
    standard = yaml.CSafeLoader.yaml_implicit_resolvers
    return {first: [(tag, form) for tag, form in some if tags(tag)] for first, some in standard.items()}


UniqueKeyLoader.yaml_implicit_resolvers = _resolvers(lambda tag: tag != "tag:yaml.org,2002:timestamp")
TextLoader.yaml_implicit_resolvers = _resolvers(lambda tag: tag in (NULL, MERGE))


def read(path: str | Path) -> tuple[dict, Callable[[list], int | None]]:
    """Return a map as it is written, and the function that tells the line of a place in it (a list of keys).

    Raises FaultError for an absent file and for text that is no YAML.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        written, root = yaml.load(text, Loader=TextLoader), yaml.compose(text, Loader=TextLoader)
    except FileNotFoundError:
        raise FaultError([Fault(str(path), None, None, "no such export map", "See config/exports/")]) from None
    except UnicodeDecodeError:
        raise FaultError([Fault(str(path), None, None, "not UTF-8", "Save the map as UTF-8")]) from None
    except yaml.YAMLError as error:
        raise FaultError([Fault(str(path), None, None, f"not readable as YAML: {error}", "Mend the map")]) from None
    return _with_types(written, is_free=False), lambda place: _line(root, place)


def _with_types(node, *, is_free: bool):
    """The map with the values of typed settings as YAML reads them; `is_free`: the keys of this mapping are no settings."""
    if isinstance(node, list):
        return [_with_types(one, is_free=False) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: yaml.safe_load(value)
        if key in TYPED and not is_free and isinstance(value, str)
        else _with_types(value, is_free=key in WORDS and not is_free)
        for key, value in node.items()
    }


def _line(node, place: list) -> int | None:
    """Line of the node at a place: of the key itself in a mapping; of the last key that is there."""
    line = None
    for key in place:
        if isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if pair[0].value == str(key)]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
    return line
