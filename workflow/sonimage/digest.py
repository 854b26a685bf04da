"""Content digests: what a rule depends on and Snakemake does not see.

Snakemake judges code by file time and does not follow imports, so an edited module, an upgraded package or a raw file
with an older date would leave stale results. Each rule carries one digest of the contents instead.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

from sonimage import schemas

LIBRARY = Path(__file__).parent
PROJECT = LIBRARY.parents[1]


def digest_of(files: list[Path], root: Path = PROJECT) -> str:
    """SHA-256 (16 characters) over names below `root` and contents of files; their dates play no part."""
    whole = hashlib.sha256()
    for path in sorted(set(files)):
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        whole.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def code_of(script: Path) -> list[Path]:
    """The script, the project modules it imports (directly or not), their schemas and vocabularies, and the lock."""
    modules, waiting = set(), [script]
    while waiting:
        path = waiting.pop()
        if path not in modules:
            modules.add(path)
            waiting += _project_imports(path)
    texts = set().union(*(_string_constants(path) for path in modules))
    used = [schemas.SCHEMA_FOLDER / f"{name}.yaml" for name in [*schemas.names(), *schemas.NOT_TABLES] if name in texts]
    if LIBRARY / "parsing.py" in modules:
        used += sorted((PROJECT / "workflow/vocabularies").glob("*.csv"))
    return [*modules, *(path for path in used if path.exists()), PROJECT / "uv.lock"]


@cache
def _tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _project_imports(path: Path) -> list[Path]:
    names = []
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    inside = [name.split(".")[1:] for name in names if name.split(".")[0] == "sonimage"]
    candidates = [LIBRARY.joinpath(*parts) for parts in inside]
    files = [path.with_suffix(".py") for path in candidates if path != LIBRARY]
    return [file for file in [*files, *(path / "__init__.py" for path in candidates)] if file.exists()]


@cache
def _string_constants(path: Path) -> frozenset[str]:
    return frozenset(
        node.value for node in ast.walk(_tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
