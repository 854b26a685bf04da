"""What sites answered: lines for the register of corrections, and what could not be accepted, with the reason.

Nothing is applied here: a line counts once it stands in config/corrections.csv.
"""

import pandas as pd

from sonimage import tables
from sonimage.checks.answers.changed_cells import Delivery, change_cells
from sonimage.checks.answers.new_values import list_changes
from sonimage.checks.answers.proposed_lines import conflicts, refuse_lines, write_lines
from sonimage.checks.answers.returned_workbooks import REFUSED, as_text, read_day
from sonimage.checks.asking.asked_values import find_cells
from sonimage.checks.asking.described_queries import ANSWERS, describe_queries
from sonimage.cleaning.corrections.places import DROP, KEEP, REPLACE, RIGHT

RIGHT_ANSWER, NEW_VALUE, DROP_ROW = ANSWERS
PROPOSED = "proposed_corrections"
NOTHING_NEW = "new_value is the value that was asked about: answer right"


def judge_answers(
    answers: pd.DataFrame, queries: pd.DataFrame, register: pd.DataFrame, path: str, delivery: Delivery
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return lines for the register (schema proposed_corrections) and the answers not accepted (schema not_accepted).

    `answers`: see `read_workbooks`; `queries`: the query list of this delivery; `register`: the corrections that stand.
    """
    answers = answers.assign(
        **{column: answers[column].map(as_text) for column in ("query_id", "value", "answered_by")}
    )
    answers = answers.assign(answer=answers["answer"].map(as_text).str.lower().str.split().str.join(" "))
    asked = queries[queries["query_id"].isin(answers["query_id"])]
    shown = _shown(asked[asked["answer"].isna()], delivery)
    why = pd.Series(
        [_objection(row, asked, shown) for row in answers.to_dict("records")], index=answers.index, dtype=object
    )
    why = why.where(why.notna(), _repeats(answers[why.isna()]))
    signed = answers[why.isna()].drop(columns="value").merge(asked.drop(columns="answer"), on="query_id")
    decisions, objections = _decide(signed, delivery)
    lines = write_lines(_signed(decisions, signed), delivery)
    lines, refused = _try(lines, objections, register, path, delivery)
    why = why.where(why.notna(), answers["query_id"].map(refused))
    refusals = answers.assign(why=why)[why.notna()].reindex(columns=REFUSED)
    return tables.conform(lines, PROPOSED), tables.conform(refusals, "not_accepted")


def _shown(queries: pd.DataFrame, delivery: Delivery) -> pd.Series:
    """The value of each open query as a workbook of this delivery would show it."""
    described = describe_queries(queries, delivery.texts, delivery.study, delivery.export_map, delivery.options, "en")
    return described.set_index("query_id")["value"].astype(object)


def _objection(row: dict, asked: pd.DataFrame, shown: pd.Series) -> str | None:
    """Why an answer cannot be taken as it stands; None where it can."""
    known = asked[asked["query_id"] == row["query_id"]]
    new = as_text(row["new_value"])
    rules = (
        (
            not len(known),
            "this delivery has no such query: its value was mended at the source, or the number was changed",
        ),
        (len(known) and known["answer"].notna().any(), "the query is closed: the register calls its value right"),
        (row["answer"] not in ANSWERS, f"answer is none of {', '.join(ANSWERS)}"),
        (not row["answered_by"], "answered_by is empty: nobody signed"),
        (read_day(row["answered_on"]) is None, "answered_on is no date"),
        (row["answer"] == NEW_VALUE and not new, "new_value is empty"),
        (row["answer"] in (RIGHT_ANSWER, DROP_ROW) and new, "a new_value beside another answer"),
        (new.startswith("="), "new_value is a formula"),
        (
            row["value"] != shown.get(row["query_id"], row["value"]),
            "the value is no longer the one that was asked about",
        ),
        (row["answer"] == NEW_VALUE and new == row["value"], NOTHING_NEW),
    )
    return next((why for is_wrong, why in rules if is_wrong), None)


def _repeats(answers: pd.DataFrame) -> pd.Series:
    """Answers to one query in several rows: alike, the first counts; unlike, none does."""
    said = answers["answer"] + "\x1f" + answers["new_value"].map(as_text)
    of_query = said.groupby(answers["query_id"])
    why = pd.Series(None, index=answers.index, dtype=object)
    why = why.mask(of_query.cumcount() > 0, "answered twice alike: the first row counts")
    return why.mask(of_query.transform("nunique") > 1, "answered twice, each time otherwise")


def _decide(signed: pd.DataFrame, delivery: Delivery) -> tuple[pd.DataFrame, dict[str, str]]:
    """The decisions on cells and rows that the answers are, and query -> why it is none."""
    standing = find_cells(signed, delivery.texts, delivery.study, delivery.export_map)
    cells = find_cells(signed, delivery.imported, delivery.study, delivery.export_map)
    cells = cells.rename(columns={"text": "delivered"}).merge(
        standing[["query_id", "column", "text"]], on=["query_id", "column"], how="left"
    )
    cells = cells.merge(signed[["query_id", "answer", "rule_id"]], on="query_id")
    lost = set(signed["query_id"]) - set(cells["query_id"])
    objections = dict.fromkeys(lost, "its row is not in the delivery")
    first = ~cells.duplicated("query_id")
    of_rows = cells["rule_id"] == "READINGS_CONTRADICT"
    dropped = cells[first & (cells["answer"] == DROP_ROW)].assign(action=DROP, new="")
    kept = cells[first & of_rows & (cells["answer"] != DROP_ROW)].assign(action=KEEP, new="")
    right = cells[~of_rows & (cells["answer"] == RIGHT_ANSWER)].assign(action=RIGHT, new="")
    changes, refused = list_changes(signed[signed["answer"] == NEW_VALUE], cells, delivery)
    replaced = change_cells(changes, delivery).assign(action=REPLACE)
    parts = [part for part in (dropped, kept, right, replaced) if len(part)]
    decisions = pd.concat(parts, ignore_index=True) if parts else dropped
    decisions = _with_old(decisions, delivery)
    same = (decisions["action"] == REPLACE) & (decisions["new"] == decisions["delivered"])
    idle = set(decisions.loc[same, "query_id"]) - set(decisions.loc[~same, "query_id"])
    return decisions[~same], objections | refused | dict.fromkeys(idle, NOTHING_NEW)


def _with_old(decisions: pd.DataFrame, delivery: Delivery) -> pd.DataFrame:
    """The text that each decision is guarded by: of what is called right the one that stands, else the delivered one."""
    texts = [
        "" if pd.isna(text := delivery.imported[row["table"]].loc[row["record"], row["column"]]) else str(text)
        for row in decisions.to_dict("records")
    ]
    decisions = decisions.assign(delivered=texts)
    standing = decisions["text"] if "text" in decisions else decisions["delivered"]
    is_right = decisions["action"] == RIGHT
    return decisions.assign(old=decisions["delivered"].mask(is_right, standing))


def _signed(decisions: pd.DataFrame, signed: pd.DataFrame) -> pd.DataFrame:
    """Who answered and when, and which question."""
    by = signed.set_index("query_id")
    rule, who, day = (decisions["query_id"].map(by[column]) for column in ("rule_id", "answered_by", "answered_on"))
    reason = "the site's answer to " + rule.astype(object)
    return decisions.assign(reason=reason, authority=who, date=day.map(read_day).map(lambda one: one.isoformat()))


def _try(
    lines: pd.DataFrame, objections: dict[str, str], register: pd.DataFrame, path: str, delivery: Delivery
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The lines that can stand in the register, each once, and query -> why its lines cannot; all of a query or none."""
    refused = dict.fromkeys(conflicts(lines), "two answers contradict each other on this value or row") | objections
    lines = lines[~lines["query_id"].isin(refused)]
    once = ["table", "record", "column", "new", "action"]
    is_right = lines["action"] == RIGHT
    lines = lines[is_right | ~lines.duplicated(once)]
    while len(lines):
        found = refuse_lines(lines, register, path, delivery)
        if not found:
            break
        refused |= found
        lines = lines[~lines["query_id"].isin(found)]
    return lines, refused
