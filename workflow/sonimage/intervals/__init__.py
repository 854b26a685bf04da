"""PFS1 as what it is: known to lie between two assessments (sensitivity analysis S5).

Enters: the analysis set, PFS1 by an interval-censored definition.
Leaves: Weibull models, Turnbull curves with their medians and rates.
"""
