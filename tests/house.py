"""What the architecture tests read: the rooms of the library, their modules, and what imports what."""

import ast
import json
from pathlib import Path, PurePosixPath

from sonimage import ROOMS

PROJECT = Path(__file__).parents[1]
# Folder -> what a file of it is: each but the notebooks has a folder per room.
LIBRARY, SCRIPTS, NOTEBOOKS = "workflow/sonimage", "workflow/scripts", "notebooks"


def read_sources() -> dict[str, str]:
    """Code of the library, scripts and notebooks: path below the project -> text."""
    files = [path for folder in (LIBRARY, SCRIPTS) for path in (PROJECT / folder).rglob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    for path in (PROJECT / NOTEBOOKS).glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts[path] = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return {path.relative_to(PROJECT).as_posix(): text for path, text in texts.items()}


def room_of(path: str) -> str | None:
    """The room of a file; None for what stands beside the rooms. A notebook is a page of the report."""
    if path.startswith(NOTEBOOKS):
        return "report"
    below = PurePosixPath(path).relative_to(LIBRARY if path.startswith(LIBRARY) else SCRIPTS).parts
    return below[0] if len(below) > 1 else None


def imported_modules(sources: dict[str, str], path: str) -> set[str]:
    """Paths of the project's modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(sources[path])):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "sonimage":
            package = "/".join([LIBRARY, *node.module.split(".")[1:]])
            for alias in node.names:
                choices = (
                    f"{package}/{alias.name}.py",
                    f"{package}/{alias.name}/__init__.py",
                    f"{package}.py",
                    f"{package}/__init__.py",
                )
                found.add(next(choice for choice in choices if choice in sources))
    return found


def imports_against_the_stream(sources: dict[str, str]) -> list[str]:
    """Each import of a room further on, as a sentence; what stands beside the rooms imports none of them."""
    return [
        f"{path} imports {module}, which lies further on"
        for path in sorted(sources)
        for module in sorted(imported_modules(sources, path))
        if room_of(module) and (room_of(path) is None or ROOMS.index(room_of(module)) > ROOMS.index(room_of(path)))
    ]


def modules_in_the_wrong_room(sources: dict[str, str]) -> list[str]:
    """Each module that nothing in its own room uses, as a sentence; a module stands in the first room that uses it."""
    users = {path: set() for path in sources if path.startswith(LIBRARY) and not path.endswith("__init__.py")}
    for path in sources:
        for module in imported_modules(sources, path) & set(users):
            users[module].add(room_of(path))
    return [
        f"{module} is used in {', '.join(sorted(filter(None, rooms))) or 'no room'}, not in its own"
        for module, rooms in sorted(users.items())
        if room_of(module) and room_of(module) not in rooms
    ]
