"""Counts, shares and agreement: statistics without a model.

Enters: the analysis set and the tables that endpoints and imaging derived.
Leaves: the flow of patients, baseline characteristics, imaging, response, PFS1 in counts, agreement between definitions
and between readings, and the decision between three groups and two.
"""
