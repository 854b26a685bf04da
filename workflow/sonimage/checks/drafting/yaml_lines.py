"""Lines of YAML with comments: values written so that an export map reads them as they are meant."""

import re

import yaml

PLAIN = re.compile(r"[^\W\d][\w ./()+-]*(?<! )")
READ_OTHERWISE = {"null", "~", "true", "false", "yes", "no", "on", "off", "y", "n"}
WIDE = 110  # an entry with more letters is written over several lines


def scalar(value) -> str:
    """A value in YAML: a text plain where that is safe, else in double quotes; numbers and true and false as they are."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if value is None:
        return "null"
    if PLAIN.fullmatch(value) and value.casefold() not in READ_OTHERWISE:
        return value
    return yaml.safe_dump(value, default_style='"', allow_unicode=True, width=10**9).strip()


def flow(value) -> str:
    """A value in one line: `{column: arm, codes: {"1": A}}`."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(str(key))}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def line(key: str, value, indent: int, comment: str = "", *, is_doubtful: bool = False) -> list[str]:
    """`key: value  # comment`, over several lines where it is wide; a doubtful one is commented out, its comment above it."""
    lines = [f"{scalar(key)}: {flow(value)}"]
    if indent + len(lines[0]) > WIDE and isinstance(value, dict):
        lines = [f"{scalar(key)}:", *(one for name, part in value.items() for one in line(name, part, 2))]
    elif indent + len(lines[0]) > WIDE and isinstance(value, list):
        lines = [f"{scalar(key)}:", *(f"  - {flow(part)}" for part in value)]
    return block(lines, indent, comment, is_doubtful=is_doubtful)


def block(lines: list[str], indent: int, comment: str = "", *, is_doubtful: bool = False) -> list[str]:
    """Lines below one another at an indent; a comment behind the first, or above where they are doubtful."""
    start = " " * indent
    note = re.sub(r"\s+", " ", comment)
    if is_doubtful:
        return [*([f"{start}# {note}:"] if note else []), *(f"{start}# {one}" for one in lines)]
    first = f"{start}{lines[0]}"
    return [f"{first.ljust(72)}  # {note}" if note else first, *(f"{start}{one}" for one in lines[1:])]


def coded(key: str, entry: dict, open_words: tuple[tuple[str, str], ...], *, is_doubtful: bool) -> list[str]:
    """An entry over several lines with its codes one below another, and a line for each open word.

    The lines of open words are commented out, unless the whole entry is doubtful and will be.
    """
    lines = [f"{scalar(key)}:"]
    lines += [f"  {name}: {flow(value)}" for name, value in entry.items() if name != "codes"]
    codes, mark = entry.get("codes", {}), "" if is_doubtful else "# "
    lines.append("  codes:" if codes or is_doubtful else "  # codes:")
    lines += [f"    {scalar(code)}: {scalar(level)}" for code, level in codes.items()]
    return lines + [f"    {mark}{scalar(word)}: ?  # {note}" for word, note in open_words]
