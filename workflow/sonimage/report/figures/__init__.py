"""Figures: each function takes finished statistics and returns a drawing and the numbers behind it."""

import gc

# A drawing is ten thousand small objects that live until it is saved; the search for garbage took a sixth of the time.
gc.set_threshold(50_000, 20, 50)
