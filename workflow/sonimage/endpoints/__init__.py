"""What the record defines on CT and in time: response by RECIST 1.1, change in size, PFS1.

Enters: the linked tables.
Leaves: sizes, sums of target lesions, response at each assessment and best response (outcome 2), change per lesion
(outcome 3), trajectories (outcome 4), PFS1 by the record and by other definitions (outcome 1), duration of response.
"""
