"""Refits of a Cox model on draws of patients: the core's batch against a loop over lifelines in the same run.

`python benchmarks/cox.py`
"""

import time
import warnings

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from sonimage import cox_core

N_PATIENTS, N_DRAWS, N_LOOPED = 100, 2000, 40


def draw_patients() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariates (two group levels, arm, one number), months and events of a study of SONImage's size."""
    generator = np.random.default_rng(5)
    u = generator.random(N_PATIENTS)
    arm, number = generator.random(N_PATIENTS) < 0.5, generator.normal(size=N_PATIENTS)
    x = np.column_stack([(u > 0.5) & (u <= 0.85), u > 0.85, arm, number]).astype(float)
    until = generator.exponential(np.exp(-x @ [0.5, 1, -0.4, 0.1]) * 20)
    censored = generator.uniform(5, 60, N_PATIENTS)
    return x, np.minimum(until, censored), until <= censored


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    x, months, event = draw_patients()
    data = cox_core.prepare(x, months, event)
    fit = cox_core.fit(data)
    counts = np.random.default_rng(1).multinomial(N_PATIENTS, np.full(N_PATIENTS, 1 / N_PATIENTS), size=N_DRAWS)
    cox_core.fit_replicates(data, counts[:2], fit.coef)  # compiles
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        coefficients, converged = cox_core.fit_replicates(data, counts, fit.coef)
        seconds.append(time.perf_counter() - start)
    frame = pd.DataFrame(x).assign(months=months, event=event)
    start, apart = time.perf_counter(), 0.0
    for number in range(N_LOOPED):
        drawn = frame.loc[np.repeat(frame.index, counts[number])].reset_index(drop=True)
        model = CoxPHFitter().fit(drawn, "months", "event")
        if converged[number]:
            apart = max(apart, np.abs(model.params_.to_numpy() - coefficients[number]).max())
    looped = (time.perf_counter() - start) / N_LOOPED * N_DRAWS
    core = float(np.median(seconds))
    print(f"{N_DRAWS} refits of {N_PATIENTS} patients: core {core:.3f} s, lifelines {looped:.0f} s (from {N_LOOPED}),")
    print(f"ratio {looped / core:.0f}; coefficients at most {apart:.1e} apart (lifelines stops early)")
