"""What a reviewer needs to trust a run.

Enters: everything under `results/`.
Leaves: checksums and files that no rule wrote, the disclosure check, settings and versions.
"""
