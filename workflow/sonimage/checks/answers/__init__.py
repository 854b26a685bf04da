"""Answers of sites: workbooks that came back become proposed lines for the register of corrections."""
