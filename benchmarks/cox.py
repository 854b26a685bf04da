"""Cox fits per second: bootstrap by the core, against a loop of lifelines and, where R is installed, of coxph.fit.

Run from the project's root: `.venv/bin/python benchmarks/cox.py`.
lifelines is timed on 200 replicates and checked on them.
"""

import shutil
import subprocess
import tempfile
import time
import warnings

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from sonimage.cox import partial_likelihood
from sonimage.diagnostics import replicates

N, REPLICATES, BY_LIFELINES, SEED = 100, 2000, 200, 1
TIGHT = {"precision": 1e-12, "max_steps": 500, "r_precision": 1e-15}
R_LOOP = """
library(survival); d <- read.csv("%s/d.csv"); k <- as.matrix(read.csv("%s/k.csv", header = FALSE))
x <- as.matrix(d[, 1:4]); y <- Surv(d$time, d$event); control <- coxph.control(eps = 1e-13, iter.max = 60)
began <- proc.time()[3]; out <- matrix(NA, nrow(k), 4)
for (b in seq_len(nrow(k))) { i <- rep(seq_len(nrow(d)), k[b, ])
  out[b, ] <- coxph.fit(x[i, ], y[i], NULL, NULL, rep(0, 4), control, NULL, "efron", NULL)$coefficients }
cat(proc.time()[3] - began)
write.table(format(out, digits = 17), "%s/b.csv", sep = ",", row.names = FALSE, col.names = FALSE, quote = FALSE)
"""


def simulate(n: int) -> pd.DataFrame:
    """A trial of our size: two groups, treatment, two numbers; times in months with ties."""
    rng = np.random.default_rng(SEED)
    group = rng.choice(3, size=n, p=[0.5, 0.3, 0.2])
    x = np.column_stack([group == 1, group == 2, rng.random(n) < 0.5, rng.normal(size=n)]).astype(float)
    event_time = rng.exponential(24, n) / np.exp(x @ [0.3, 0.8, -0.4, 0.2])
    censoring = rng.uniform(12, 72, n)
    frame = pd.DataFrame(x, columns=list("abcd"))
    return frame.assign(time=np.ceil(np.minimum(event_time, censoring) * 30) / 30, event=event_time <= censoring)


def best_of(repeats: int, call) -> float:
    """Median seconds of a call."""
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds))


def by_lifelines(frame: pd.DataFrame, counts: np.ndarray, options: dict | None) -> np.ndarray:
    """Coefficients of a loop of lifelines over samples written out."""
    return np.array(
        [
            CoxPHFitter().fit(frame.loc[np.repeat(frame.index, row)], "time", "event", fit_options=options).params_
            for row in counts
        ]
    )


def by_r(frame: pd.DataFrame, counts: np.ndarray) -> tuple[float, np.ndarray]:
    """Seconds and coefficients of a loop of R's coxph.fit, its bare compiled core."""
    with tempfile.TemporaryDirectory() as folder:
        frame.astype(float).to_csv(f"{folder}/d.csv", index=False)
        np.savetxt(f"{folder}/k.csv", counts, fmt="%d", delimiter=",")
        code = R_LOOP % (folder, folder, folder)
        seconds = float(subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True).stdout)
        return seconds, np.loadtxt(f"{folder}/b.csv", delimiter=",")


frame = simulate(N)
data = partial_likelihood.prepare(frame[list("abcd")], frame["time"], frame["event"])
fit, counts = partial_likelihood.fit_cox(data), replicates.draw_bootstrap(N, REPLICATES, SEED)
began = time.perf_counter()
found = replicates.fit_replicates(data, fit, counts).coef
print(f"first call: {time.perf_counter() - began:.2f} s; {np.isnan(found).any(1).sum()} not converged")
print(f"one fit of {N}: {1e6 * best_of(200, lambda: partial_likelihood.fit_cox(data)):.0f} us")
each = best_of(9, lambda: replicates.fit_replicates(data, fit, counts)) / REPLICATES
print(f"core: {1e6 * each:.1f} us per fit, {1 / each:.0f} fits per second")
warnings.simplefilter("ignore")
for name, options in (("lifelines, its defaults", None), ("lifelines, tight", TIGHT)):
    began = time.perf_counter()
    peer = by_lifelines(frame, counts[:BY_LIFELINES], options)
    loop = (time.perf_counter() - began) / BY_LIFELINES
    difference = np.nanmax(abs(peer - found[:BY_LIFELINES]))
    print(
        f"{name}: {1e6 * loop:.0f} us per fit; core {loop / each:.0f} times faster; largest difference {difference:.1e}"
    )
if shutil.which("Rscript"):
    seconds, peer = by_r(frame, counts)
    print(
        f"R coxph.fit: {1e6 * seconds / REPLICATES:.0f} us per fit; largest difference {np.nanmax(abs(peer - found)):.1e}"
    )
else:
    print("R is not installed here")
alone = []
for row in counts[:BY_LIFELINES]:
    sample = frame.loc[np.repeat(frame.index, row)]
    alone.append(
        partial_likelihood.fit_cox(
            partial_likelihood.prepare(sample[list("abcd")], sample["time"], sample["event"])
        ).coef
    )
difference = np.nanmax(abs(np.array(alone) - found[:BY_LIFELINES]))
print(f"samples written out and fitted one by one: largest difference {difference:.1e}")
