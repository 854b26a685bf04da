"""Who is analysed, and what is known of each patient.

Enters: what endpoints and imaging derived.
Leaves: the record's criteria patient by patient, and the analysis set: one row per patient with populations, groups,
covariates and outcomes. Every statistic of stage 5 starts from it.
"""
