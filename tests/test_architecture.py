"""The house rules that a machine can hold."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from sonimage import schemas
from sonimage.cleaning import units

PROJECT = Path(__file__).parents[1]
SCRIPTS = sorted((PROJECT / "workflow/scripts").glob("*.py"))
MODULES = sorted((PROJECT / "workflow/sonimage").rglob("*.py"))
RULES = sorted((PROJECT / "workflow/rules").glob("*.smk"))
RULE_TEXT = "\n".join(path.read_text(encoding="utf-8") for path in RULES)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_reads_calls_and_writes(script):
    tree = ast.parse(script.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
    assert "faults.log_to(snakemake.log[0])" in script.read_text(encoding="utf-8")
    assert f"scripts/{script.name}" in RULE_TEXT


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_the_library_never_sees_snakemake_and_has_no_module_called_utils(module):
    text = module.read_text(encoding="utf-8")
    assert "import snakemake" not in text and "snakemake.input" not in text
    assert not re.search(r"util|helper|misc", module.stem)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_public_functions_and_modules_have_docstrings(module):
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    rules_as_functions = module.parent.stem == "plausibility" or module.stem == "eligibility"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not rules_as_functions:
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_every_rule_has_a_log_an_environment_a_digest_and_no_run_directive():
    blocks = re.split(r"^(?:    )?rule ?\w*:", RULE_TEXT, flags=re.MULTILINE)[1:]
    for block in blocks:
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
