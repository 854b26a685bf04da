"""The arithmetic of Cox models in loops over risk sets and pairs, as machine code (see `machine_code`).

One pass over the risk sets gives log likelihood, score and information (Therneau and Grambsch, Modeling Survival Data, 2000,
section 3.3); Newton steps with halving find the maximum. Names and order of the arrays are those of `CoxData`.
"""

import numpy as np
from numba import boolean, float64, int64

from sonimage.cox.machine_code import compiled

MOST_STEPS, MOST_HALVINGS = 60, 30
SAME_PREDICTION = 9  # decimals of a linear predictor: ties must not hang on the last bit
SINGULAR = 1e-12  # a pivot below this share of its diagonal: no variation left in the column
LOOSE = 1e-12  # Newton decrement at which replicates stop: the last step leaves an error of its order, not of its root
# Types of arguments
VECTOR, MATRIX, MARKS, NUMBERS = float64[::1], float64[:, ::1], boolean[::1], int64[::1]
ROWS = (MATRIX, VECTOR, MARKS, VECTOR, VECTOR, NUMBERS, NUMBERS)  # x, time, event, entry, weight, bounds, leaving


@compiled(VECTOR, *ROWS, boolean, boolean)
def risk_set_pass(beta, x, time, event, entry, weight, bounds, leaving, efron, is_count):
    """Log likelihood, score (p,) and lower triangle of the information (p, p) at `beta`, risk sets from the last time back.

    Case weights follow R: the tied events of a time share their mean weight. With `is_count` weights count copies of a row,
    and Efron's correction is exactly that of the sample written out (a bootstrap sample).
    """
    p = x.shape[1]
    loglik, score, information = 0.0, np.zeros(p), np.zeros((p, p))
    s1, d1, mean = np.zeros(p), np.zeros(p), np.zeros(p)
    s2, d2 = np.zeros((p, p)), np.zeros((p, p))
    risk = np.zeros(len(time))
    for stratum in range(len(bounds) - 1):
        s0 = 0.0
        s1[:] = 0.0
        s2[:, :] = 0.0
        low, high = bounds[stratum], bounds[stratum + 1]
        gone, i = low, low
        while i < high:
            now, deaths, d0, total = time[i], 0.0, 0.0, 0.0
            while i < high and time[i] == now:
                if weight[i] != 0.0:
                    eta = 0.0
                    for j in range(p):
                        eta += x[i, j] * beta[j]
                    risk[i] = weight[i] * np.exp(eta)
                    s0 += risk[i]
                    for j in range(p):
                        first = risk[i] * x[i, j]
                        s1[j] += first
                        for k in range(j + 1):
                            s2[j, k] += first * x[i, k]
                    if event[i]:
                        if deaths == 0.0:
                            d1[:] = 0.0
                            d2[:, :] = 0.0
                        deaths += weight[i] if is_count else 1.0
                        total += weight[i]
                        loglik += weight[i] * eta
                        d0 += risk[i]
                        for j in range(p):
                            first = risk[i] * x[i, j]
                            score[j] += weight[i] * x[i, j]
                            d1[j] += first
                            for k in range(j + 1):
                                d2[j, k] += first * x[i, k]
                i += 1
            if deaths == 0.0:
                continue
            while gone < high and entry[leaving[gone]] >= now:
                row = leaving[gone]
                s0 -= risk[row]
                for j in range(p):
                    first = risk[row] * x[row, j]
                    s1[j] -= first
                    for k in range(j + 1):
                        s2[j, k] -= first * x[row, k]
                gone += 1
            steps = int(deaths) if efron else 1
            each = total / steps
            for step in range(steps):
                share = step / steps
                inverse = 1.0 / (s0 - share * d0)
                loglik += each * np.log(inverse)
                for j in range(p):
                    mean[j] = (s1[j] - share * d1[j]) * inverse
                    score[j] -= each * mean[j]
                    for k in range(j + 1):
                        information[j, k] += each * ((s2[j, k] - share * d2[j, k]) * inverse - mean[j] * mean[k])
    return loglik, score, information


@compiled(MATRIX, VECTOR)
def solve_lower(information, vector):
    """Solution of a symmetric system given by its lower triangle (Cholesky), and whether it is positive definite."""
    p = len(vector)
    root, answer = np.zeros((p, p)), vector.copy()
    for j in range(p):
        for k in range(j + 1):
            rest = information[j, k]
            for m in range(k):
                rest -= root[j, m] * root[k, m]
            if j > k:
                root[j, k] = rest / root[k, k]
            elif not rest > SINGULAR * information[j, j]:
                return answer, False
            else:
                root[j, j] = np.sqrt(rest)
    for j in range(p):
        for m in range(j):
            answer[j] -= root[j, m] * answer[m]
        answer[j] /= root[j, j]
    for j in range(p - 1, -1, -1):
        for m in range(j + 1, p):
            answer[j] -= root[m, j] * answer[m]
        answer[j] /= root[j, j]
    return answer, True


@compiled(VECTOR, MARKS, *ROWS, boolean, boolean, float64)
def newton(start, free, x, time, event, entry, weight, bounds, leaving, efron, is_count, tolerance):
    """Maximise over the coefficients marked `free`, the others staying at `start`, halving a step that loses likelihood.

    Returns coefficients, log likelihood, lower triangle of the information, and whether the maximum was reached.
    """
    beta, kept = start.copy(), np.flatnonzero(free)
    loglik, score, information = risk_set_pass(beta, x, time, event, entry, weight, bounds, leaving, efron, is_count)
    for _ in range(MOST_STEPS):
        step, is_definite = solve_lower(information[kept][:, kept], score[kept])
        if not is_definite:
            return beta, loglik, information, False
        decrement, factor = np.sum(step * score[kept]), 1.0
        trial, value = beta.copy(), loglik
        for _ in range(MOST_HALVINGS):
            trial[kept] = beta[kept] + factor * step
            value, score, information = risk_set_pass(
                trial, x, time, event, entry, weight, bounds, leaving, efron, is_count
            )
            if value >= loglik - 1e-11 * np.abs(loglik):
                break
            factor *= 0.5
        beta, loglik = trial, value
        if not np.isfinite(loglik):
            return beta, loglik, information, False
        if decrement <= tolerance and factor == 1.0:
            return beta, loglik, information, True
    return beta, loglik, information, False


@compiled(VECTOR, VECTOR, MARKS, VECTOR, NUMBERS)
def count_pairs(prediction, time, event, count, stratum):
    """Pairs of which the one with the higher risk has the event first, and pairs that can be compared; ties of risk count half.

    `count`: copies of each row. An event comes before a censoring of the same day; two events of one day are not compared.
    """
    concordant, comparable = 0.0, 0.0
    for i in range(len(time)):
        if not event[i] or count[i] == 0:
            continue
        for j in range(len(time)):
            if count[j] == 0 or stratum[i] != stratum[j]:
                continue
            if time[j] > time[i] or (time[j] == time[i] and not event[j]):
                pairs = count[i] * count[j]
                comparable += pairs
                if prediction[i] > prediction[j]:
                    concordant += pairs
                elif prediction[i] == prediction[j]:
                    concordant += 0.5 * pairs
    return concordant, comparable


@compiled(MATRIX, VECTOR, MATRIX, VECTOR, MARKS, VECTOR, NUMBERS, NUMBERS, boolean)
def fit_samples(counts, start, x, time, event, entry, bounds, leaving, efron):
    """Coefficients of each sample that holds the rows `counts[b]` times, and whether its maximum was reached; NaN where not."""
    n_replicates, p = len(counts), x.shape[1]
    coef, is_converged = np.full((n_replicates, p), np.nan), np.zeros(n_replicates, dtype=np.bool_)
    free = np.ones(p, dtype=np.bool_)
    for b in range(n_replicates):
        beta, _, _, is_maximum = newton(
            start, free, x, time, event, entry, counts[b], bounds, leaving, efron, True, LOOSE
        )
        is_converged[b] = is_maximum
        if is_maximum:
            coef[b] = beta
    return coef, is_converged


@compiled(int64[:, ::1], NUMBERS, VECTOR, *ROWS, boolean)
def score_orders(orders, columns, beta, x, time, event, entry, weight, bounds, leaving, efron):
    """Score statistic at `beta` with some columns dealt anew to the rows in each order; NaN where they do not vary."""
    statistics = np.full(len(orders), np.nan)
    for b in range(len(orders)):
        permuted = x.copy()
        for j in columns:
            permuted[:, j] = x[orders[b], j]
        _, score, information = risk_set_pass(beta, permuted, time, event, entry, weight, bounds, leaving, efron, False)
        direction, is_definite = solve_lower(information, score)
        if is_definite:
            statistics[b] = np.sum(score * direction)
    return statistics


@compiled(MATRIX, MATRIX, *ROWS, NUMBERS, boolean)
def judge_models(coef, counts, x, time, event, entry, weight, bounds, leaving, stratum, efron):
    """Of each model, Harrell's C in its own sample (`counts[b]`) and in this one, and its calibration slope in this one."""
    answers = np.full((len(coef), 3), np.nan)
    free, one = np.ones(1, dtype=np.bool_), np.ones(1)
    for b in range(len(coef)):
        if np.isnan(coef[b]).any():
            continue
        prediction = np.round((x * coef[b]).sum(axis=1), SAME_PREDICTION)
        inside, of_inside = count_pairs(prediction, time, event, counts[b], stratum)
        outside, of_outside = count_pairs(prediction, time, event, weight, stratum)
        slope, _, _, is_maximum = newton(
            one, free, prediction.reshape(-1, 1), time, event, entry, weight, bounds, leaving, efron, False, LOOSE
        )
        if of_inside > 0 and of_outside > 0:
            answers[b, 0], answers[b, 1] = inside / of_inside, outside / of_outside
        if is_maximum:
            answers[b, 2] = slope[0]
    return answers
