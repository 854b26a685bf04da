"""Long tests, one part a call: `make campaign PART=odd_studies SEED=1` writes campaign/odd_studies.csv.

A part is a module of this folder; its function `run(seed)` yields rows, and a row says in `holds` whether all is well.
"""

import ast
import csv
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from project import PROJECT


def list_parts() -> dict[str, str]:
    """Part -> the first line of its description."""
    modules = sorted(Path(__file__).parent.glob("[!_]*.py"))
    texts = {module.stem: ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) for module in modules}
    return {part: text.splitlines()[0] for part, text in texts.items()}


def write_rows(rows: Iterable[dict], path: Path) -> int:
    """Write the rows as they come; return how many of them do not hold."""
    path.parent.mkdir(exist_ok=True)
    failed = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)
            file.flush()
            failed += not row["holds"]
            print(*row.values(), sep=" | ", flush=True)
    return failed


def main(part: str, seed: str) -> str | None:
    """Run a part; return what went wrong."""
    if part not in list_parts():
        known = "\n".join(f"  {name:15} {text}" for name, text in list_parts().items())
        return f"no part {part!r}: say `make campaign PART=... SEED=1` with one of\n{known}"
    path = PROJECT / f"campaign/{part}.csv"
    failed = write_rows(import_module(f"campaign.{part}").run(int(seed)), path)
    return f"{failed} rows do not hold: {path}" if failed else None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
