"""Models beside the primary one.

Enters: the analysis set, lesions, the analyses of the plan.
Leaves: odds ratios of response, models of lesions within patients, the primary model under other choices, and Cox models
after multiple imputation.
"""
