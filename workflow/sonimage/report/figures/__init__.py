"""Figures: each function takes finished statistics and returns a drawing and the numbers behind it."""
