"""Target sums and visit responses straight from the study's tables."""

import pandas as pd
from sonimage.endpoints.lesion_sizes import size_lesions
from sonimage.endpoints.targets import derive_target_sums, follow_target_lesions, sum_targets
from sonimage.endpoints.visit_response import derive_visit_response


def target_sums(lesions: pd.DataFrame, measurements: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Schema target_sums."""
    sizes = size_lesions(lesions, measurements, visits)
    return derive_target_sums(sum_targets(follow_target_lesions(sizes), sizes))


def visit_responses(lesions, measurements, visits, *, keep_partial_response: bool = True) -> pd.DataFrame:
    """Schema visit_response."""
    sizes = size_lesions(lesions, measurements, visits)
    sums = sum_targets(follow_target_lesions(sizes), sizes)
    return derive_visit_response(sizes, sums, keep_partial_response=keep_partial_response)
