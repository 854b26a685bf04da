"""A simulated SONImage study, and many simulated trials.

Enters: `config/simulation.yaml`, `config/operating_characteristics.yaml`.
Leaves: the example study as raw exports with its defects and its truth; what the primary analysis finds in trials whose
truth is known. The analysis never imports this room.
"""
