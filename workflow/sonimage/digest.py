"""Content digests: what a rule depends on and Snakemake does not see.

Snakemake judges code by file time and does not follow imports, so an edited module, an upgraded package or a raw file
with an older date would leave stale results. Each rule carries one digest of the contents instead.
"""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path

from sonimage import schemas

LIBRARY = Path(__file__).parent
PROJECT = LIBRARY.parents[1]
VOCABULARIES = LIBRARY.parent / "vocabularies"


def digest_of(files: list[Path], root: Path = PROJECT) -> str:
    """SHA-256 (16 characters) over names below `root` and contents of files; their dates play no part."""
    whole = hashlib.sha256()
    for path in sorted(set(files)):
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        whole.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def code_of(*scripts: Path) -> list[Path]:
    """Scripts or notebooks, the project modules they import (directly or not), their schemas and vocabularies, the lock.

    A schema is used where a module, script or notebook holds its name as a text; vocabularies where one names their folder.
    """
    modules, waiting = set(), list(scripts)
    while waiting:
        path = waiting.pop()
        if path not in modules:
            modules.add(path)
            waiting += _project_imports(path)
    texts = set().union(*(_string_constants(path) for path in modules))
    used = [path for name, path in schemas.paths().items() if name in texts]
    if VOCABULARIES.name in texts:
        used += VOCABULARIES.glob("*.csv")
    return sorted([*modules, *used, PROJECT / "uv.lock"])


@cache
def _nodes(path: Path) -> list[ast.AST]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        text = "\n".join("".join(source) for source in cells)
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom | ast.Constant)]


@cache
def _project_imports(path: Path) -> list[Path]:
    """Files that an import executes: the module, or else the package, and the packages it lies in."""
    names = []
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    files = []
    for name in names:
        package, *parts = name.split(".")
        if package == LIBRARY.name:
            places = [LIBRARY.joinpath(*parts[:depth]) for depth in range(len(parts) + 1)]
            files += [place / "__init__.py" for place in places] + [place.with_suffix(".py") for place in places[1:]]
    return [file for file in files if file.exists()]


@cache
def _string_constants(path: Path) -> frozenset[str]:
    constants = [node.value for node in _nodes(path) if isinstance(node, ast.Constant)]
    return frozenset(value for value in constants if isinstance(value, str))
