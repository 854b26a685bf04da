"""The analysis of the SONImage study: from raw exports to results."""
