"""Draws the rooms of the library from its code into docs/architecture.md: `python docs/draw_rooms.py`.

The picture and the table stand between two markers; everything else in the document is written by hand. Rooms and stages
come from `sonimage.STAGES`, words from the docstrings of the rooms, arrows from the rules (who reads whose tables) and from
the imports of modules, scripts and pages (who uses whose code).
"""

import ast
import json
import re
from collections import defaultdict
from pathlib import Path

import yaml
from sonimage import ROOMS, STAGES

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENT = PROJECT / "docs/architecture.md"
BEGIN, END = "<!-- rooms: drawn by docs/draw_rooms.py -->", "<!-- end of rooms -->"
LIBRARY, SCRIPTS = PROJECT / "workflow/sonimage", PROJECT / "workflow/scripts"

Links = dict[str, set[str]]  # room -> the rooms it takes something from


def read_imports() -> Links:
    """Return the rooms whose code each room uses: in its modules, its scripts and, for the report, the notebooks."""
    used = {room: set() for room in ROOMS}
    for room in ROOMS:
        for path in [*(LIBRARY / room).rglob("*.py"), *(SCRIPTS / room).rglob("*.py")]:
            used[room] |= _imported_rooms(path.read_text(encoding="utf-8"))
    for path in (PROJECT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        used["report"] |= _imported_rooms("\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code"))
    return {room: others - {room} for room, others in used.items()}


def _imported_rooms(code: str) -> set[str]:
    names = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return {name.split(".")[1] for name in names if name.startswith("sonimage.")} & set(ROOMS)


def read_tables() -> Links:
    """Return the rooms whose tables each room reads, as the inputs and outputs of the rules and the pages name them."""
    writers, readers = {}, defaultdict(set)
    for path in sorted((PROJECT / "workflow/rules").glob("*.smk")):
        for block in re.split(r"^ *rule ?\w*:", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            room = re.search(r"\.\./scripts/(\w+)/", block)[1]
            writers |= dict.fromkeys(_tables_named(block, "output"), room)
            readers[room] |= _tables_named(block, "input")
            if "PLAN" in block:
                readers[room].add("analysis_plan")
            if "DECLARED" in block:  # every file of the stages before
                readers[room] |= set(writers)
    for page in yaml.safe_load((PROJECT / "workflow/report/contents.yaml").read_text(encoding="utf-8")).values():
        readers["report"] |= set(page["reads"])
    return {room: {writers[table] for table in readers[room] & set(writers)} - {room} for room in ROOMS}


def _tables_named(block: str, directive: str) -> set[str]:
    section = re.search(rf"^( *){directive}:\n((?:\1 .*\n|\n)*)", block, flags=re.MULTILINE)
    texts = re.findall(r'"([^"]+)"', section[2]) if section else []
    return {Path(text).stem for text in texts if text not in STAGES}


def choose_arrows(links: Links) -> list[tuple[str, str]]:
    """Return the pairs (room, room that takes from it) that no chain of other arrows implies, in the order of the rooms."""

    def reach(room: str) -> set[str]:
        return set().union(*({other} | reach(other) for other in links[room]))

    implied = {room: set().union(*(reach(other) for other in links[room])) for room in links}
    return [(other, room) for room in ROOMS for other in ROOMS if other in links[room] - implied[room]]


def draw_picture(links: Links) -> str:
    """Return the rooms, stage by stage, and the arrows between them as a Mermaid flowchart."""
    lines = ["```mermaid", "flowchart TB"]
    for number, (stage, rooms) in enumerate(STAGES.items()):
        lines += [f'  subgraph s{number}["{stage}"]', *(f"    {room}" for room in rooms), "  end"]
    lines += [f"  {other} --> {room}" for other, room in choose_arrows(links)]
    return "\n".join([*lines, "```"])


def list_rooms(tables: Links, imports: Links) -> str:
    """Return a table of the rooms: stage, room, the first sentence of its docstring, and what it takes from other rooms."""
    lines = ["| stage | room | what it is for | reads tables of | uses code of |", "|---|---|---|---|---|"]
    for stage, rooms in STAGES.items():
        for room in rooms:
            text = (LIBRARY / room / "__init__.py").read_text(encoding="utf-8")
            sentence = " ".join(ast.get_docstring(ast.parse(text)).split("\n\n")[0].split())
            others = [_in_words(room, links[room]) for links in (tables, imports)]
            lines.append(f"| `{stage}` | `{room}` | {sentence} | {' | '.join(others)} |")
    return "\n".join(lines)


def _in_words(room: str, others: set[str]) -> str:
    before = ROOMS[: ROOMS.index(room)]
    is_all = len(before) > 2 and others == set(before)
    return "all rooms before it" if is_all else ", ".join(other for other in ROOMS if other in others)


def draw_document(text: str) -> str:
    """Return the document with its picture and table of rooms drawn anew."""
    tables, imports = read_tables(), read_imports()
    picture = draw_picture({room: tables[room] | imports[room] for room in ROOMS})
    drawn = f"{BEGIN}\n\n{picture}\n\n{list_rooms(tables, imports)}\n\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: drawn, text, flags=re.DOTALL)


if __name__ == "__main__":
    DOCUMENT.write_text(draw_document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
