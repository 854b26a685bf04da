"""The readers' decisions on lesion links: the only thing that changes a link, each with a reader, a date and a reason."""

from pathlib import Path

import pandas as pd

from sonimage.cleaning import registers
from sonimage.faults import Fault, FaultError
from sonimage.tables import LESION

COLUMNS = ["patient_id", "lesion_id", "decision", "partner_id", "reader", "date", "reason"]
REQUIRED = ["patient_id", "lesion_id", "decision", "reader", "date", "reason"]
SAME, STANDS = "same as", "stands"


def read_register(path: str | Path) -> pd.DataFrame:
    """Read `config/link_decisions.csv`; raises FaultError with every fault of the file itself."""
    return registers.read(path, COLUMNS)


def apply_decisions(
    study: dict[str, pd.DataFrame], register: pd.DataFrame, path: str
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Return the study with lesions that are the same under one number, and the lesion rows that this set aside.

    `same as`: readings of lesion_id become readings of partner_id; what the partner's row leaves empty is taken over.
    Raises FaultError with every fault of every line: an incomplete one, a decision or date that is none, a lesion that is
    not there, two lines for one lesion, two numbers that were both read on one scan.
    """
    faults = find_faults(study, register, path)
    if faults:
        raise FaultError(sorted(faults, key=lambda fault: fault.row))
    same = register[register["decision"] == SAME]
    lesions, partner = study["lesions"], same.set_index(LESION)["partner_id"]
    renamed = {
        name: study[name].assign(lesion_id=_partner(study[name], partner).fillna(study[name]["lesion_id"]))
        for name in ("measurements", "uptake")
    }
    moved = _partner(lesions, partner)
    gone = lesions[moved.notna()]
    values = [column for column in lesions if column not in (*LESION, "source_file", "source_row", "source_no")]
    taken = gone.assign(lesion_id=moved.dropna()).drop_duplicates(LESION).set_index(LESION)[values]
    kept = lesions[moved.isna()].set_index(LESION)
    kept = kept.assign(
        **{name: kept[name].where(kept[name].notna(), taken[name].reindex(kept.index)) for name in values}
    )
    reason = "same lesion as " + moved.dropna() + ": reader's decision"
    aside = gone[["source_file", "source_row"]].assign(table="lesions", reason=reason)
    return study | renamed | {"lesions": kept.reset_index()[lesions.columns]}, aside


def note_decisions(review: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Return the review with what was decided on each lesion; a decided lesion waits for nobody."""
    said = register["decision"] + " (" + register["reader"] + ", " + register["date"] + ")"
    decided = said.set_axis(pd.MultiIndex.from_frame(register[LESION]))
    decided = decided[~decided.index.duplicated()]
    answers = list(decided.reindex(pd.MultiIndex.from_frame(review[LESION]))) if len(decided) else [None] * len(review)
    return review.assign(decision=pd.Series(answers, index=review.index, dtype=object))


def _partner(rows: pd.DataFrame, partner: pd.Series) -> pd.Series:
    """The number that each row's lesion goes by now, empty where it keeps its own."""
    found = partner.reindex(pd.MultiIndex.from_frame(rows[LESION])) if len(partner) else [None] * len(rows)
    return pd.Series(list(found), index=rows.index, dtype=object)


def fitting_lines(study: dict[str, pd.DataFrame], register: pd.DataFrame, path: str) -> pd.DataFrame:
    """The lines of the register without a fault on these tables; the others would stop a run."""
    lines = registers.lines_of(register)
    return register[~lines.isin([fault.row for fault in find_faults(study, register, path)])]


def find_faults(study: dict[str, pd.DataFrame], register: pd.DataFrame, path: str) -> list[Fault]:
    """All faults of all lines, for a study in SONImage numbers."""
    lines = registers.lines_of(register)
    faults = registers.line_faults(register, path, required=REQUIRED)
    is_same = register["decision"] == SAME
    lacks = is_same & (register["partner_id"] == "") | ~register["decision"].isin(["", SAME, STANDS])
    remedy = f"`{SAME}` with the other number in partner_id, or `{STANDS}`"
    faults += [Fault(path, line, "decision", "no decision", remedy) for line in lines[lacks]]
    whole = (register[["patient_id", "lesion_id"]] != "").all(axis=1) & ~lacks
    return faults + _lesion_faults(study, register.assign(line=lines)[whole], path)


def _lesion_faults(study: dict[str, pd.DataFrame], register: pd.DataFrame, path: str) -> list[Fault]:
    """Lesions that are not there, lines that decide on one lesion twice, and lesions that cannot be one."""
    same = register[register["decision"] == SAME]
    known = pd.MultiIndex.from_frame(study["lesions"][LESION])
    partners = pd.MultiIndex.from_frame(same[["patient_id", "partner_id"]].set_axis(LESION, axis=1))
    lacking = {
        *register.loc[~pd.MultiIndex.from_frame(register[LESION]).isin(known), "line"],
        *same.loc[~partners.isin(known), "line"],
    }
    chained = same[partners.isin(pd.MultiIndex.from_frame(same[LESION]))]
    again = register[register.duplicated(LESION)]
    rules = (
        (lacking, "lesion_id", "no such lesion",
         "Name lesions as results/3_link/lesions.csv does; remove the line if the source was mended"),
        (chained["line"], "partner_id", "a chain of decisions", "Name the last number at once"),
        (again["line"], "lesion_id", "a second decision on one lesion", "Leave one line for a lesion"),
        (_both_read(study, same), "partner_id", "both numbers were read on one scan", "They cannot be one lesion"),
    )  # fmt: skip
    return [Fault(path, line, column, rule, remedy) for found, column, rule, remedy in rules for line in sorted(found)]


def _both_read(study: dict[str, pd.DataFrame], same: pd.DataFrame) -> set[int]:
    """Lines that join two numbers which were both read on one scan."""
    found = set()
    for name in ("measurements", "uptake"):
        scans = study[name][[*LESION, "scan_id"]]
        mine = same[[*LESION, "partner_id", "line"]].merge(scans, on=LESION)
        theirs = scans.rename(columns={"lesion_id": "partner_id"})
        found |= set(mine.merge(theirs, on=["patient_id", "partner_id", "scan_id"])["line"])
    return found
