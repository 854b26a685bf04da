"""Analysis of the SONImage study (NCT04125277); every rule of the protocol is a function of one of these rooms.

A room is a package that takes what the rooms before it leave and imports nothing from the rooms after it. Its docstring
says what enters and what leaves. Beside the rooms stands only what all of them use.
"""

import os
import sys

# The behaviour of pandas 3: a frame shares its columns until one is changed, so no function can alter its argument. Told to
# pandas before it is loaded, for a page is run and rendered without it.
os.environ["PANDAS_COPY_ON_WRITE"] = "1"
if "pandas" in sys.modules:
    sys.modules["pandas"].options.mode.copy_on_write = True

# Stage of the workflow -> its rooms, both in the order in which data flow.
STAGES = {
    "1_import": ("exports",),
    "2_clean": ("cleaning",),
    "3_link": ("linking",),
    "4_derive": ("endpoints", "imaging", "populations"),
    "5_analyse": ("plan", "summaries", "survival", "cox", "diagnostics", "intervals", "models"),
    "6_report": ("report",),
    "7_audit": ("audit",),
    "checks": ("checks",),
    "simulations": ("simulate",),
}
ROOMS = tuple(room for rooms in STAGES.values() for room in rooms)
