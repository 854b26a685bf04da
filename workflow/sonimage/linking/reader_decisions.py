"""The readers' decisions on lesion links: the only thing that changes a link, each with a reader, a date and a reason."""

from pathlib import Path

import pandas as pd

from sonimage.cleaning import registers
from sonimage.faults import Fault, FaultError
from sonimage.tables import LESION

COLUMNS = ["patient_id", "lesion_id", "decision", "partner_id", "reader", "date", "reason"]
SAME, STANDS = "same as", "stands"


def read_register(path: str | Path) -> pd.DataFrame:
    """Read `config/link_decisions.csv`; raises FaultError with every incomplete line."""
    register = registers.read(
        path, COLUMNS, required=["patient_id", "lesion_id", "decision", "reader", "date", "reason"]
    )
    wrong = ~register["decision"].isin([SAME, STANDS]) | (
        (register["decision"] == SAME) & (register["partner_id"] == "")
    )
    remedy = f"`{SAME}` with the other number in partner_id, or `{STANDS}`"
    if wrong.any():
        raise FaultError(
            [Fault(str(path), row + 2, "decision", "no decision", remedy) for row in register.index[wrong]]
        )
    return register


def apply_decisions(
    study: dict[str, pd.DataFrame], register: pd.DataFrame, path: str
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Return the study with lesions that are the same under one number, and the lesion rows that this set aside.

    `same as`: readings of lesion_id become readings of partner_id; what the partner's row leaves empty is taken over.
    Raises FaultError for a lesion that is not there, and for two numbers that were both read on one scan.
    """
    same = register[register["decision"] == SAME]
    _stop_on_faults(study, register, same, path)
    lesions, partner = study["lesions"], same.set_index(LESION)["partner_id"]
    renamed = {
        name: study[name].assign(lesion_id=_partner(study[name], partner).fillna(study[name]["lesion_id"]))
        for name in ("measurements", "uptake")
    }
    moved = _partner(lesions, partner)
    gone = lesions[moved.notna()]
    values = [column for column in lesions if column not in (*LESION, "source_file", "source_row")]
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


def _stop_on_faults(study: dict[str, pd.DataFrame], register: pd.DataFrame, same: pd.DataFrame, path: str) -> None:
    known = pd.MultiIndex.from_frame(study["lesions"][LESION])
    partners = same[["patient_id", "partner_id"]].set_axis(LESION, axis=1)
    lacking = register.index[~pd.MultiIndex.from_frame(register[LESION]).isin(known)]
    lacking = [*lacking, *same.index[~pd.MultiIndex.from_frame(partners).isin(known)]]
    twice = same.index[
        same.duplicated(LESION) | pd.MultiIndex.from_frame(partners).isin(pd.MultiIndex.from_frame(same[LESION]))
    ]
    remedy = "Name lesions as results/3_link/lesions.csv does; remove the line if the source was mended"
    faults = [Fault(path, row + 2, "lesion_id", "no such lesion", remedy) for row in sorted(set(lacking))]
    faults += [
        Fault(path, row + 2, "partner_id", "a chain of decisions", "Name the last number at once") for row in twice
    ]
    for name in ("measurements", "uptake"):
        scans = study[name][[*LESION, "scan_id"]]
        mine = same.reset_index().merge(scans, on=LESION)
        theirs = scans.rename(columns={"lesion_id": "partner_id"})
        clash = mine.merge(theirs, on=["patient_id", "partner_id", "scan_id"])["index"].unique()
        rule = "both numbers were read on one scan"
        faults += [Fault(path, row + 2, "partner_id", rule, "They cannot be one lesion") for row in sorted(clash)]
    if faults:
        raise FaultError(faults)
