"""What PET says of lesions and patients.

Enters: scans, lesions and uptake, with the baseline scans.
Leaves: the FES and FDG status of each lesion, the heterogeneity group of each patient under every definition, and the
checks of each scan. CT sizes enter as they were recorded; no outcome does.
"""
