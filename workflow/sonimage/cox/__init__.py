"""Cox models (outcome 5).

Enters: the analysis set, the Cox analyses of the plan.
Leaves: hazard ratios with limits and tests, by maximum likelihood and where events are few by Firth's penalty; contrasts
within interactions; curves of splines. The partial likelihood is written for this study; lifelines fits every model once more.
"""
