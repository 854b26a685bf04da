"""Clock times: minutes from injection to acquisition, across midnight."""

import pandas as pd

MINUTES_A_DAY = 1440


def uptake_minutes(
    injection_time: pd.Series,
    acquisition_time: pd.Series,
    injection_date: pd.Series | None = None,
    scan_date: pd.Series | None = None,
) -> pd.Series:
    """Minutes from injection to the start of acquisition, by the days where both are known.

    Without the day of injection a scan that starts earlier on the clock counts as the next day's. With it, a scan before
    the injection comes out negative.
    """
    injected, started = (pd.to_timedelta(times).dt.total_seconds() / 60 for times in (injection_time, acquisition_time))
    by_clock = (started - injected) % MINUTES_A_DAY
    if injection_date is None or scan_date is None:
        return by_clock
    by_day = started - injected + (scan_date - injection_date).dt.days * MINUTES_A_DAY
    return by_day.where(injection_date.notna(), by_clock)
