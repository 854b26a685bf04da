"""Whether the Cox models hold.

Enters: fitted Cox models.
Leaves: residuals, tests of proportional hazards and effects over time, influence of single patients, form of continuous
variables, calibration and internal validation.
"""
