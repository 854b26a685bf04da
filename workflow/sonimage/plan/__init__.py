"""The analysis plan as data.

Enters: `config/analyses.yaml`.
Leaves: the analyses, checked, each with the table that holds its results; how the plan changed.
"""
