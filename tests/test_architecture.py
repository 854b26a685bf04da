"""The rules of the house that a machine can check: rooms, names, one direction of imports, and one home for each fact."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from house import LIBRARY, PROJECT, imports_against_the_stream, modules_in_the_wrong_room, read_sources, room_of
from sonimage import ROOMS, STAGES, schemas
from sonimage.cleaning import plausibility
from sonimage.exports import units

SOURCES = read_sources()
MODULES = [path for path in SOURCES if path.startswith(LIBRARY)]
SCRIPTS = [path for path in SOURCES if path.startswith("workflow/scripts")]
RULES = sorted((PROJECT / "workflow/rules").glob("*.smk"))
RULE_TEXT = "\n".join(path.read_text(encoding="utf-8") for path in RULES)
BLOCKS = [block for path in RULES for block in re.split(r"^(?:    )?rule ?\w*:", path.read_text(), flags=re.M)[1:]]
# Columns of text that fit a screen; what is longer has to be cut in two. A room may hold about 15 modules.
LONGEST_MODULE, MOST_MODULES, LONGEST_TEST, LONGEST_STAGE = 260, 15, 300, 160


# Rooms


def test_imports_go_one_way_along_the_data():
    assert imports_against_the_stream(SOURCES) == []


def test_an_import_against_the_stream_is_found():
    broken = SOURCES | {f"{LIBRARY}/exports/units.py": "from sonimage.cox import hazard_ratios\n"}
    assert imports_against_the_stream(broken) == [
        f"{LIBRARY}/exports/units.py imports {LIBRARY}/cox/hazard_ratios.py, which lies further on"
    ]
    broken = SOURCES | {f"{LIBRARY}/tables.py": "from sonimage.exports import maps\n"}
    assert len(imports_against_the_stream(broken)) == 1


def test_a_module_stands_in_the_first_room_that_uses_it():
    assert modules_in_the_wrong_room(SOURCES) == []


def test_a_module_in_the_wrong_room_is_found():
    """The firth module in the room of the endpoints, where nothing uses it."""
    moved = {path.replace("/cox/firth.py", "/endpoints/firth.py"): text for path, text in SOURCES.items()}
    moved = {path: text.replace("sonimage.cox.firth", "sonimage.endpoints.firth") for path, text in moved.items()}
    found = modules_in_the_wrong_room(moved)
    assert found == [f"{LIBRARY}/endpoints/firth.py is used in cox, not in its own"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_enters_and_what_leaves_and_is_not_crowded(room):
    text = ast.get_docstring(ast.parse(SOURCES[f"{LIBRARY}/{room}/__init__.py"]))
    assert "Enters: " in text and "Leaves: " in text
    folders = Counter(
        Path(path).parent for path in MODULES if room_of(path) == room and not path.endswith("__init__.py")
    )
    assert folders and max(folders.values()) <= MOST_MODULES
    for path in MODULES:
        if room_of(path) == room and not path.endswith("__init__.py"):
            words = {room, room.rstrip("s"), room.removesuffix("ing")}
            assert not words & set(Path(path).stem.split("_")), f"{path} repeats the name of its room"


def test_every_room_is_one_folder_of_the_library_and_rooms_of_scripts_schemas_and_tests_are_among_them():
    folders = {path.name for path in (PROJECT / LIBRARY).iterdir() if (path / "__init__.py").exists()}
    assert folders == set(ROOMS)
    for place in ("workflow/scripts", "workflow/schemas"):
        assert {path.name for path in (PROJECT / place).iterdir() if path.is_dir()} <= set(ROOMS)
    tests = {path.name for path in (PROJECT / "tests").iterdir() if path.is_dir() and list(path.glob("test_*.py"))}
    assert tests <= {*ROOMS, "workflow"}


# Names


def declared_outputs() -> dict[str, str]:
    """Every file that a rule of the analysis declares -> the rule, as Snakemake lists them."""
    listed = subprocess.run(
        [sys.executable, "-m", "snakemake", "--summary", "--quiet"], cwd=PROJECT, capture_output=True, text=True
    )
    assert listed.returncode == 0, listed.stderr
    rows = [line.split("\t") for line in listed.stdout.splitlines() if line.startswith("results/")]
    return {row[0]: row[2] for row in rows}


def names_used_twice(files: Iterable[str]) -> list[str]:
    """Names of tables that two CSV files bear."""
    counts = Counter(Path(file).stem for file in files if file.endswith(".csv"))
    return sorted(name for name, n in counts.items() if n > 1)


@pytest.fixture(scope="module")
def outputs() -> dict[str, str]:
    return declared_outputs()


def test_the_name_of_a_table_is_used_once(outputs):
    assert len(outputs) > 150 and names_used_twice(outputs) == []


def test_a_name_used_twice_is_found(outputs):
    assert names_used_twice([*outputs, "results/6_report/tables/cox.csv"]) == ["cox"]


def test_a_table_has_its_schema_in_the_room_of_the_script_that_writes_it(outputs):
    """The study's own tables, queries and counts keep the schemas of cleaning through all stages."""
    room_of_rule = {name: room for room, name in re.findall(r"scripts/(\w+)/(\w+)\.py", RULE_TEXT)}
    for file, rule in outputs.items():
        name = Path(file).stem
        if file.endswith(".csv") and name in schemas.names() and not rule.startswith("render_"):
            assert schemas.paths()[name].parent.name in (room_of_rule[rule], "cleaning"), f"{file} of {rule}"


def test_a_rule_has_the_name_of_its_script_and_log_in_the_room_of_its_stage():
    stage_of = {room: stage for stage, rooms in STAGES.items() for room in rooms}
    for path in RULES:
        text = path.read_text(encoding="utf-8")
        for name, block in zip(
            re.findall(r"^rule (\w+):", text, re.M), re.split(r"^rule \w+:", text, flags=re.M)[1:], strict=True
        ):
            room, script = re.search(r'"\.\./scripts/(\w+)/(\w+)\.py"', block).groups()
            assert script == name and f"logs/{name}" in block, name
            assert path.stem.startswith(stage_of[room]) or path.stem in (
                "checks",
                "example",
                "operating_characteristics",
            )


# Files


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_reads_calls_and_writes(script):
    tree = ast.parse(SOURCES[script])
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
    assert "faults.log_to(snakemake.log[0])" in SOURCES[script]
    assert script.removeprefix("workflow/") in RULE_TEXT


@pytest.mark.parametrize("module", MODULES)
def test_the_library_never_sees_snakemake_and_has_no_module_called_utils(module):
    text = SOURCES[module]
    assert "import snakemake" not in text and "snakemake.input" not in text
    assert not re.search(r"util|helper|misc", module)
    assert len(text.splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("module", MODULES)
def test_public_functions_and_modules_have_docstrings(module):
    tree = ast.parse(SOURCES[module])
    assert ast.get_docstring(tree)
    rules_as_functions = "/plausibility/" in module or module.endswith("/eligibility.py")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not rules_as_functions:
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_no_test_file_and_no_rule_file_is_long_but_tables_of_cases():
    for path in (PROJECT / "tests").rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_TEST, path.name
    for path in RULES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_STAGE, path.name


def test_every_rule_has_a_log_an_environment_a_digest_and_no_run_directive():
    for block in BLOCKS:
        assert "log:" in block and "conda:" in block and "script:" in block and "run:" not in block
        assert "depends_on=digest(" in block or "simulate_example" in block


@pytest.mark.parametrize("name", schemas.names())
def test_a_schema_is_a_whole_table_schema(name):
    schema = schemas.load(name)
    assert schema["title"] and schema["fields"]
    for field in schema["fields"]:
        assert field["type"] in ("string", "integer", "number", "boolean", "date", "time") and field["label"]
        assert field["name"] != "heterogeneity_score"
        assert field.get("unit") is None or field["unit"] in (*units.FACTORS, "MBq/kg", "day", "week", "month", "byte")


def test_every_config_value_is_described():
    schema = schemas.load("config")

    def undescribed(node, path):
        for key, entry in node.get("properties", {}).items():
            if "$ref" in entry and "description" in entry:
                continue
            if "description" not in entry:
                yield f"{path}/{key}"
            yield from undescribed(entry, f"{path}/{key}")

    assert list(undescribed(schema, "")) == []
    config = yaml.safe_load((PROJECT / "config/config.yaml").read_text(encoding="utf-8"))
    assert set(config) == set(schema["properties"])


def test_notebooks_hold_no_outputs_and_no_logic():
    for path in (PROJECT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                assert not cell["outputs"] and cell["execution_count"] is None
                nodes = ast.walk(ast.parse("".join(cell["source"])))
                logic = (ast.FunctionDef, ast.For, ast.While, ast.If, ast.Try)
                assert not [node for node in nodes if isinstance(node, logic)], path.name


def test_the_contents_of_the_report_name_every_notebook_and_what_its_cells_read_and_leave():
    contents = yaml.safe_load((PROJECT / "workflow/report/contents.yaml").read_text(encoding="utf-8"))
    assert set(contents) == {path.stem for path in (PROJECT / "notebooks").glob("*.ipynb")}
    for name, entry in contents.items():
        code = SOURCES[f"notebooks/{name}.ipynb"]
        assert set(re.findall(r"\{figures\}/(\w+)", code)) == set(entry["figures"]), name
        assert set(re.findall(r"\{shown_tables\}/(\w+)\.csv", code)) == set(entry["tables"]), name
        assert set(re.findall(r'tables\.read\((\w+), "\1"\)', code)) == set(entry["reads"]), name
        assert (PROJECT / f"workflow/report/{name}.rst").exists()


# Versions and generated documents


def test_conda_environment_and_lock_have_the_versions_of_pyproject():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = dict(requirement.split("==") for requirement in project["dependencies"])
    conda = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    listed = [entry for entry in conda if isinstance(entry, str) and "=" in entry and not entry.startswith("python")]
    found = dict(re.split("=+", entry) for entry in [*listed, *conda[-1]["pip"]])
    renamed = {"snakemake-minimal": "snakemake", "matplotlib-base": "matplotlib"}
    assert {renamed.get(name, name): version for name, version in found.items()} == wanted
    lock = tomllib.loads((PROJECT / "uv.lock").read_text(encoding="utf-8"))
    locked = {package["name"]: package.get("version") for package in lock["package"]}
    assert {name: locked[name] for name in wanted} == wanted


def test_the_data_dictionary_is_generated_from_the_schemas():
    assert (PROJECT / "docs/data_dictionary.md").read_text(encoding="utf-8") == schemas.dictionary()


def test_the_picture_of_the_rooms_and_the_query_rules_are_drawn_from_the_code():
    spec = importlib.util.spec_from_file_location("draw_rooms", PROJECT / "docs/draw_rooms.py")
    draw_rooms = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw_rooms)
    page = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8")
    assert draw_rooms.draw_document(page) == page, "python docs/draw_rooms.py draws it again"
    assert (PROJECT / "docs/query_rules.md").read_text(encoding="utf-8") == plausibility.dictionary()


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CONTRIBUTING.md",
        *(f"docs/{name}.md" for name in ("architecture", "methods", "decisions", "reviewers_guide")),
    ],
)
def test_a_module_or_test_that_a_document_names_is_there(document):
    """`sonimage.cox.engines`, `tests/cox/test_engines.py`."""
    text = (PROJECT / document).read_text(encoding="utf-8")
    for name in re.findall(r"`(sonimage(?:\.\w+)+)", text):
        parts = name.split(".")[1:]
        paths = [PROJECT.joinpath("workflow/sonimage", *parts[:depth]) for depth in (len(parts), len(parts) - 1)]
        assert any(path.is_dir() or path.with_suffix(".py").exists() for path in paths), name
    for name in re.findall(r"`((?:tests|workflow|docs|benchmarks|config|notebooks)/[\w./]*\w)", text):
        assert (PROJECT / name).exists() or (PROJECT / f"{name}.py").exists(), name
