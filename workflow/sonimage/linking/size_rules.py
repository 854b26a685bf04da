"""What a recorded size means (RECIST 1.1 section 4.3.1), in whole hundredths of a millimetre so that comparisons are exact."""

import numpy as np
import pandas as pd

HUNDREDTHS = 100
TOO_SMALL_MM = 5  # present, but too small to measure
NODE_NORMAL_MM = 10  # a node under 10 mm short axis is normal


def is_disease(hundredths: pd.Series, is_node: np.ndarray) -> pd.Series:
    """Unless its size says that it is gone: 0, or a node under 10 mm; a lesion without a size may be there."""
    normal_node = is_node & (hundredths < NODE_NORMAL_MM * HUNDREDTHS)
    return (hundredths != 0) & ~normal_node
