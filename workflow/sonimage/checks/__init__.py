"""Beside the analysis: what is wrong with a delivery, what changed since the last one, what a site is asked.

Enters: raw folders and export maps, the query list, the registers, workbooks that came back from sites.
Leaves: lists and workbooks under `checks/`, which hold patient rows and are no part of the results; a first export map, which
holds none.
"""
