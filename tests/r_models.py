"""The Cox models that R fitted, fitted by us."""

from typing import NamedTuple

import numpy as np
from r_values import ARM, G2, G3, GRADE, HORMON, load
from sonimage.cox import partial_likelihood

CROSSED = [*ARM, f"{G2}:{HORMON}", f"{G3}:{HORMON}"]
ROSSI = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
NOT_WEXP = [name for name in ROSSI if name != "wexp"]


class Case(NamedTuple):
    """One of R's models: data, columns, times, and what else the call says."""

    frame: str
    columns: list[str]
    time: str = "time"
    ties: str = "efron"
    strata: str | None = None
    is_weighted: bool = False


# R: coxph(Surv(time, status) ~ <columns>, ties =, control = coxph.control(eps = 1e-13, iter.max = 60))
CASES = {
    "gbsg_grade_hormon": Case("gbsg", ARM),
    "gbsg_grade_hormon_breslow": Case("gbsg", ARM, ties="breslow"),
    "gbsg_grade_strata_hormon": Case("gbsg", GRADE, strata="hormon"),
    "gbsg_grade_x_hormon": Case("gbsg", CROSSED),
    "gbsg_trend": Case("gbsg", ["grade", "hormon"]),
    "gbsg_adj": Case("gbsg", [*ARM, "age", "size", "nodes"]),
    "gbsg100_grade_hormon": Case("gbsg100", ARM),
    "gbsg100_grade_strata_hormon": Case("gbsg100", GRADE, strata="hormon"),
    "gbsg100_grade_x_hormon": Case("gbsg100", CROSSED),
    "gbsg100_months_tied": Case("gbsg100", ARM, time="months"),
    "gbsg100_months_tied_breslow": Case("gbsg100", ARM, time="months", ties="breslow"),
    "ovarian_small": Case("ovarian", ["age", "resid", "rx"]),
    "rossi_full": Case("rossi", ROSSI),
    "rossi_full_breslow": Case("rossi", ROSSI, ties="breslow"),
    "rossi_strata_wexp": Case("rossi", NOT_WEXP, strata="wexp"),
    "weights_gbsg": Case("gbsg", ARM, is_weighted=True),
}


def prepared(case: Case) -> partial_likelihood.CoxData:
    """The data of a model."""
    frame = load(case.frame)
    strata = None if case.strata is None else frame[case.strata]
    weight = np.resize([1, 2], len(frame)) if case.is_weighted else None
    return partial_likelihood.prepare(
        frame[case.columns], frame[case.time], frame["status"], strata=strata, weight=weight
    )


def fitted(name: str) -> tuple[partial_likelihood.CoxData, partial_likelihood.CoxFit]:
    """The data of a model and the fit to them."""
    data = prepared(CASES[name])
    return data, partial_likelihood.fit_cox(data, ties=CASES[name].ties)
