"""The analysis plan (config/analyses.yaml): reading and checking it, and saying what it holds and how it changed."""

import hashlib
import json
from pathlib import Path

import jsonschema
import pandas as pd
import yaml

from sonimage import schemas, tables
from sonimage.exports.map_text import UniqueKeyLoader
from sonimage.faults import Fault, FaultError
from sonimage.plan.covariates import CONTINUOUS

# Which statistics hold the rows of a method.
TABLE_OF = {
    "cox": "cox",
    "imputed_cox": "imputed_models",
    "weibull": "interval_models",
    "turnbull": "turnbull_summary",
    "grid": "sensitivity",
    "kaplan_meier": "survival_summary",
    "restricted_mean": "rmst",
    "response_rate": "response_summary",
    "logistic": "response_models",
    "response_duration": "duration_summary",
    "lesion_model": "lesion_models",
}
INTERVAL_METHODS = ("weibull", "turnbull")
SHOWN = ("id", "objective", "method", "outcome", "population", "definition", "grouping", "covariates", "strata")


def load(path: str | Path, *, definitions: list[dict], groupings: list[dict]) -> dict:
    """Return the plan: `changes` and `analyses`.

    `definitions` and `groupings` are those of PFS1 and of the groups in the config, which analyses name by their ids.
    Raises FaultError with every fault: unreadable YAML, unknown keys, names that lead nowhere, ids used twice.
    """
    try:
        plan = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=UniqueKeyLoader)
    except FileNotFoundError:
        raise FaultError([Fault(str(path), None, None, "no such analysis plan", "See config/README.md")]) from None
    except yaml.YAMLError as error:
        raise FaultError([Fault(str(path), None, None, f"not readable as YAML: {error}", "Mend the plan")]) from None
    faults = [
        Fault(str(path), None, _place(error.absolute_path, plan), error.message, "See workflow/schemas/plan.yaml")
        for error in jsonschema.Draft202012Validator(schemas.load("plan")).iter_errors(plan)
    ]
    faults = faults or [
        Fault(str(path), None, f"analyses/{place}", rule, "See config/README.md")
        for place, rule in _name_faults(plan["analyses"], definitions, groupings)
    ]
    if faults:
        raise FaultError(faults)
    return plan


def _place(keys, plan) -> str | None:
    """Where a fault is, an analysis by its id."""
    keys = list(keys)
    if len(keys) > 1 and keys[0] == "analyses":
        keys[1] = plan["analyses"][keys[1]].get("id", keys[1])
    return "/".join(map(str, keys)) or None


def _name_faults(analyses: list[dict], definitions: list[dict], groupings: list[dict]) -> list[tuple[str, str]]:
    """Id of the analysis, and what it names that is not there or does not fit its method."""
    ids = [analysis["id"] for analysis in analyses]
    intervals = {entry["id"] for entry in definitions if entry["progression_date"] == "interval"}
    exact = {entry["id"] for entry in definitions} - intervals
    columns = set(schemas.columns("analysis_set"))
    known = {
        "definitions": exact | intervals,
        "groupings": {entry["id"] for entry in groupings if entry["kind"] != "summary"},
        "covariates": columns | set(CONTINUOUS),
        "strata": columns,
        "base": {analysis["id"] for analysis in analyses if analysis["method"] == "cox"},
    }
    faults = [(name, "id used twice") for name in sorted({name for name in ids if ids.count(name) > 1})]
    for analysis in analyses:
        known["definition"] = intervals if analysis["method"] in INTERVAL_METHODS else exact
        known["splines"] = set(analysis.get("covariates", ())) & set(CONTINUOUS)
        for key, allowed in known.items():
            faults += [
                (f"{analysis['id']}/{key}", f"{name!r} is none of the names that a {analysis['method']} analysis takes")
                for name in _listed(analysis.get(key))
                if name not in allowed
            ]
        base = next((one for one in analyses if one["id"] == analysis.get("base")), {})
        if base.get("strata") and set(analysis["definitions"]) & intervals:
            faults.append(
                (analysis["id"], "a Weibull model has no strata: no interval-censored definition with this base")
            )
        if analysis.get("interaction") and (not analysis["grouping"] or "allocation" not in analysis["covariates"]):
            faults.append((analysis["id"], "an interaction needs a grouping, and allocation among its covariates"))
    primary = next((one for one in analyses if one["id"] == "primary" and one["method"] == "cox"), None)
    if primary is None or (primary["grouping"], primary.get("fallback_grouping")) != ("het3", "het2"):
        faults.append(("primary", "outcome 5 needs a Cox model of this id, grouping het3, fallback_grouping het2"))
    return faults


def _listed(names) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def of_method(plan: dict, method: str) -> list[dict]:
    """The analyses of a method, in their order."""
    return [analysis for analysis in plan["analyses"] if analysis["method"] == method]


def digest(plan: dict) -> str:
    """Twelve hexadecimal digits that change with the analyses; comments, layout and order of keys do not count."""
    written = json.dumps(plan["analyses"], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode("utf-8")).hexdigest()[:12]


def list_analyses(plan: dict) -> pd.DataFrame:
    """One row per analysis with the table of its results (schema analysis_plan)."""
    rows = [
        {key: ", ".join(_listed(analysis.get(key))) or None for key in SHOWN}
        | {"analysis_id": analysis["id"], "result_table": TABLE_OF[analysis["method"]], "settings": _settings(analysis)}
        for analysis in plan["analyses"]
    ]
    return tables.conform(pd.DataFrame(rows), "analysis_plan")


def _settings(analysis: dict) -> str | None:
    """What the columns of the list have no place for."""
    others = {key: value for key, value in analysis.items() if key not in SHOWN}
    return "; ".join(f"{key}: {json.dumps(value)}" for key, value in others.items()).replace('"', "") or None


def list_changes(plan: dict) -> pd.DataFrame:
    """One row per recorded change of the plan, and one more where the plan of this run is not recorded (schema plan_changes)."""
    rows, this = (
        [change | {"changed_on": change["date"], "is_recorded": True} for change in plan["changes"]],
        digest(plan),
    )
    if not rows or rows[-1]["plan"] != this:
        unknown = {"plan": this, "change": "the analyses of this run differ from the last recorded plan"}
        rows.append(unknown | {"reason": "not recorded in config/analyses.yaml", "is_recorded": False})
    return tables.conform(pd.DataFrame(rows), "plan_changes")
