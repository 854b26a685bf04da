"""Curves and means of times to an event, group by group.

Enters: the analysis set, the analyses of the plan.
Leaves: Kaplan-Meier curves, medians, rates and log-rank tests, restricted means, duration of response.
"""
