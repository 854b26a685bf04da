"""Lesions that fell apart or grew together (RECIST 1.1 section 4.4): fragments are summed, merged lesions have one size."""

import numpy as np
import pandas as pd

from sonimage.linking.size_rules import is_disease

PAIR = ["lesion", "visit"]


def first_of(origin: np.ndarray) -> np.ndarray:
    """The lesion that each lesion came from in the end, fragments of fragments included; itself where it is whole.

    `origin`: for each lesion number the lesion it is a fragment of, -1 for none.
    """
    first = np.where(origin >= 0, origin, np.arange(len(origin)))
    for _ in range(len(origin).bit_length()):  # each step doubles the length of chain that is followed
        further = first[first]
        if (further == first).all():
            break
        first = further
    return first


def without_circles(origin: np.ndarray) -> np.ndarray:
    """The origins, none where a chain of fragments comes back to itself: such lesions are lesions of their own."""
    return np.where(origin[first_of(origin)] >= 0, -1, origin)


def sum_fragments(
    read: pd.DataFrame, origin: np.ndarray, is_node: np.ndarray, assessments: pd.DataFrame
) -> pd.DataFrame:
    """Return the readings with those of fragments added to the lesion they came from in the end, which replaces them.

    `read`: one row per lesion and assessment; `origin`: see `first_of`. A fragment exists from the first assessment on
    which it was recorded until it falls apart itself; while it exists, one that was not read leaves the lesion without a
    size. The number of what fell apart is one more fragment where the reader kept it.
    """
    first = first_of(origin)
    is_fragment = first[read["lesion"]] != read["lesion"].to_numpy()
    if not is_fragment.any():
        return read
    pieces = pd.concat([_expected(read[is_fragment], origin, assessments), read[~is_fragment]])
    pieces = pieces.assign(part=pieces["lesion"], lesion=first[pieces["lesion"]])
    split = pd.MultiIndex.from_frame(pieces.loc[pieces["part"] != pieces["lesion"], PAIR])
    concerned = pd.MultiIndex.from_frame(pieces[PAIR]).isin(split)
    whole = _sum(pieces[concerned], is_node, read["state"].dtype)
    return pd.concat([pieces[~concerned].drop(columns="part"), whole], ignore_index=True)[read.columns]


def _expected(fragments: pd.DataFrame, origin: np.ndarray, assessments: pd.DataFrame) -> pd.DataFrame:
    """Every fragment at every assessment of its patient at which it exists, read or not, and all its readings."""
    first = fragments.groupby("lesion")["visit"].min()
    fell_apart = first.groupby(origin[first.index]).min().reindex(first.index)
    patient = assessments["patient"]
    due = pd.DataFrame({"lesion": first.index, "first": first.to_numpy(), "patient": patient.loc[first].to_numpy()})
    due = due.assign(end=fell_apart.fillna(np.inf).to_numpy()).merge(
        pd.DataFrame({"patient": patient, "visit": assessments.index}), on="patient", validate="many_to_many"
    )
    due = due.loc[(due["visit"] >= due["first"]) & (due["visit"] < due["end"]), PAIR]
    rows = due.merge(fragments, on=PAIR, how="outer", validate="one_to_one")
    flags = {name: rows[name].eq(True) for name in ("is_floor", "is_present", "is_progressive", "is_merged")}
    return rows.assign(**flags, state=rows["state"].fillna("NOT EVALUABLE"))


def _sum(pieces: pd.DataFrame, is_node: np.ndarray, states: pd.CategoricalDtype) -> pd.DataFrame:
    pieces = pieces.assign(is_unread=pieces["state"] == "NOT EVALUABLE").sort_values("part", kind="stable")
    by_lesion = pieces.groupby(PAIR, sort=False)
    size = by_lesion["hundredths"].agg(lambda sizes: sizes.sum(skipna=False))
    ever = by_lesion[["is_present", "is_progressive", "is_floor", "is_unread"]].any()
    from_size = is_disease(size, is_node[size.index.get_level_values("lesion")])
    present = (from_size.where(size.notna(), ever["is_present"]) | ever["is_progressive"]).astype(bool)
    state = np.select([size > 0, size == 0, present], ["MEASURED", "ABSENT", "PRESENT"], "NOT EVALUABLE")
    origin = by_lesion[["source_file", "source_row"]].first()
    flags = ever[["is_floor", "is_progressive"]].assign(is_present=present, is_merged=False)
    return flags.join(origin).assign(hundredths=size, state=pd.Categorical(state, dtype=states)).reset_index()


def mark_merged(read: pd.DataFrame, host: np.ndarray) -> pd.DataFrame:
    """Return the readings with those of lesions that have merged into their `host` (lesion number, -1 for none).

    A lesion has merged once no later CT gives it a size or sees it on its own. From then on it is what its host is:
    size 0 where the host has one, there if the host is there, unread if the host is.
    """
    merging = np.flatnonzero(host >= 0)
    if not len(merging):
        return read
    own = read[np.isin(read["lesion"], merging) & ((read["hundredths"] > 0) | read["is_present"])]
    last_own = own.groupby("lesion")["visit"].max().reindex(merging, fill_value=-1)
    of_host = read[np.isin(read["lesion"], host[merging])].rename(columns={"lesion": "host"})
    within = pd.DataFrame({"lesion": merging, "host": host[merging], "last_own": last_own.to_numpy()})
    within = within.merge(of_host, on="host", validate="many_to_many")
    within = within[within["visit"] > within["last_own"]]
    absent = read[(read["hundredths"] == 0).to_numpy() & np.isin(read["lesion"], merging)]
    is_absent = pd.MultiIndex.from_frame(within[PAIR]).isin(pd.MultiIndex.from_frame(absent[PAIR]))
    size = np.where(within["hundredths"].notna() | is_absent, 0.0, np.nan)
    within = within.assign(hundredths=size, is_merged=True, is_floor=False, is_progressive=False)[read.columns]
    last = pd.Series(last_own).reindex(read["lesion"]).to_numpy()
    replaced = pd.MultiIndex.from_frame(read[PAIR]).isin(pd.MultiIndex.from_frame(within[PAIR]))
    rest = read[~replaced]
    after = (rest["visit"] > last[~replaced]) & np.isin(rest["lesion"], merging)
    return pd.concat([rest.assign(is_merged=after), within], ignore_index=True)
