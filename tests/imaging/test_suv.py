"""SUV arithmetic: published worked examples, headers of real scanners, and the traps of units and decay correction."""

import pandas as pd
import pytest
from sonimage import tables
from sonimage.cleaning import clock
from sonimage.imaging import suv
from worked_tables import table

# Facts of headers of real scanners, retyped from the tests of cornerstonejs/calculate-suv (MIT), and of patient STS_001 of
# the TCIA collection Soft-tissue-Sarcoma (Vallieres 2015, CC BY 3.0); start of scan as QIBA's pseudocode has it.
# minutes: worked by hand from the two times; factor: weight (g) / (activity (Bq) x 2^(-s/half-life)), by bc.
HEADERS = table("""
    scan           | units | decay_correction | weight_kg | injected_activity_mbq | half_life_s | injection_time | acquisition_time | philips_suv_factor | philips_activity_factor | minutes | factor
    siemens        | BQML  | START            | 67        | 374                   | 6586.2      | 08:30:45       | 10:48:29         | -                  | -                       | 137.733 | 4.2747e-4
    siemens_before | BQML  | START            | 65        | 225                   | 6586.2      | 11:41:00       | 12:35:14         | -                  | -                       | 54.233  | 4.0686e-4
    cps            | BQML  | START            | 69        | 388                   | 6586.2      | 12:00:37       | 13:03:48         | -                  | -                       | 63.183  | 2.6502e-4
    ge             | BQML  | START            | 52        | 152.02272             | 6586.2      | 08:45:00       | 09:56:21         | -                  | -                       | 71.350  | 5.3673e-4
    philips_bqml   | BQML  | START            | 64        | 126                   | 6586.2      | 10:00:58       | 11:01:55         | 0.003515736        | 4.709921                | 60.950  | 7.4639e-4
    philips_suv    | CNTS  | START            | 47        | 208.23                | 6588        | 12:30:00       | 13:45:51         | 0.000728           | -                       | 75.850  | 0.000728
    philips_both   | CNTS  | START            | 54        | 238                   | 6588        | 08:30:00       | 09:35:56         | 0.000551           | 1.602563                | 65.933  | 0.000551
    time_alone     | BQML  | START            | 102       | 412                   | 6586.2      | 12:50:00       | 13:54:31         | -                  | -                       | 64.517  | 3.7208e-4
    sts001_raw     | BQML  | START            | 71        | 388.777472            | 6588        | 10:35:00       | 11:20:11         | -                  | -                       | 45.183  | 2.4290e-4
    sts001_as_suv  | GML   | ADMIN            | 71        | 388.777472            | 6588        | 10:35:00       | 11:20:11         | -                  | -                       | 45.183  | 1
""")  # fmt: skip


def scans(**values) -> pd.DataFrame:
    """One scan of a woman of 70 kg with 200 MBq, an hour after injection."""
    usual = {
        "units": "BQML", "decay_correction": "START", "weight_kg": 70.0, "injected_activity_mbq": 200.0,
        "half_life_s": suv.HALF_LIFE_F18_S,
    }  # fmt: skip
    return tables.conform(pd.DataFrame([usual | values]), "scans")


HOUR = pd.Series([60.0])


@pytest.mark.parametrize("row", HEADERS.to_dict("records"), ids=lambda row: row["scan"])
def test_uptake_time_and_suv_factor_of_real_headers(row):
    scan = tables.conform(pd.DataFrame([row]), "scans")
    minutes = clock.uptake_minutes(scan["injection_time"], scan["acquisition_time"])
    assert minutes[0] == pytest.approx(float(row["minutes"]), abs=5e-4)
    assert suv.suv_factor(scan, minutes)[0] == pytest.approx(float(row["factor"]), rel=1e-4)


def test_philips_factors_of_one_header_agree_with_each_other():
    """0.000551 g/mL per count is what 1.602563 Bq/mL per count gives, decayed to the series time.

    Decayed to the AcquisitionTime, 09:54:39 and that of a later bed position, it would be 12.6 % too high.
    """
    row = HEADERS[HEADERS["scan"] == "philips_both"].assign(philips_suv_factor=None)
    scan = tables.conform(row, "scans")
    minutes = clock.uptake_minutes(scan["injection_time"], scan["acquisition_time"])
    assert suv.suv_factor(scan, minutes)[0] == pytest.approx(0.000551, rel=0.002)
    later = minutes + 18.717
    assert suv.suv_factor(scan, later)[0] == pytest.approx(1.126 * 0.000551, rel=0.002)


def test_the_hottest_voxel_of_a_slice_of_sts001():
    """Stored 32766 x slope 1.7141 = 56164.2 Bq/mL in the raw header of slice 1: SUV 13.64 (formats: 13.6)."""
    scan = tables.conform(HEADERS[HEADERS["scan"] == "sts001_raw"], "scans")
    found = suv.suv_of_activity(pd.Series([56.1642006]), scan, pd.Series([45.183]))
    assert found[0] == pytest.approx(13.64, abs=0.01)


# Published results of calculate-suv (test/calculateSUVScalingFactors.test.ts): 100 Bq, decay corrected to the injection.
PUBLISHED = table("""
    case                | units | weight_kg | philips_suv_factor | philips_activity_factor | factor
    becquerel           | BQML  | 75        | -                  | -                       | 750
    already_suv         | GML   | 100       | 0.000551           | 1.602563                | 1
    counts_to_suv       | CNTS  | 100       | 0.000551           | 1.602563                | 0.000551
    counts_to_becquerel | CNTS  | 100       | 0                  | 1.602563                | 1602.563
    counts_no_factor    | CNTS  | 100       | 0                  | 0                       | nan
    unknown_units       | PROPCNTS | 100    | 0.000551           | 1.602563                | nan
    no_weight           | BQML  | -         | -                  | -                       | nan
    weight_zero         | BQML  | 0         | -                  | -                       | nan
""")


@pytest.mark.parametrize("row", PUBLISHED.to_dict("records"), ids=lambda row: row["case"])
def test_published_factors(row):
    scan = tables.conform(pd.DataFrame([row]), "scans")
    scan = scan.assign(injected_activity_mbq=1e-4, half_life_s=10.0, decay_correction="ADMIN")
    assert suv.suv_factor(scan, pd.Series([0.0]))[0] == pytest.approx(float(row["factor"]), nan_ok=True)


@pytest.mark.parametrize(
    "decay_correction, times_start", [("START", 1.0), ("ADMIN", 2 ** (-3600 / 6586.2)), ("NONE", None), (None, None)]
)
def test_the_moment_of_decay_correction(decay_correction, times_start):
    """ADMIN: the activity is not decayed again; at 60 minutes that would overstate the SUV by 46 % (Horos #653)."""
    at_start = suv.suv_factor(scans(), HOUR)[0]
    found = suv.suv_factor(scans(decay_correction=decay_correction), HOUR)[0]
    assert found == pytest.approx(at_start * times_start) if times_start else pd.isna(found)
    assert suv.suv_factor(scans(units="GML", decay_correction="ADMIN"), HOUR)[0] == 1


@pytest.mark.parametrize("minutes, percent", [(10, 6.5), (20, 13.5)])
def test_a_slip_in_the_decay_reference_moves_the_suv(minutes, percent):
    slip = suv.suv_factor(scans(), HOUR + minutes)[0] / suv.suv_factor(scans(), HOUR)[0]
    assert 100 * (slip - 1) == pytest.approx(percent, abs=0.05)


def test_a_scan_before_the_injection_has_no_suv():
    assert pd.isna(suv.suv_factor(scans(), pd.Series([-5.0]))[0])


MIDNIGHT = table("""
    case            | injection_date | injection_time | scan_date  | acquisition_time | minutes
    same_day        | 2020-01-25     | 10:00:00       | 2020-01-25 | 11:00:30         | 60.5
    by_clock        | -              | 23:30:00       | 2020-01-26 | 00:29:00         | 59
    by_day          | 2020-01-25     | 23:30:00       | 2020-01-26 | 00:29:00         | 59
    wrong_day       | 2020-01-25     | 23:30:00       | 2020-01-25 | 00:29:00         | -1381
    a_day_late      | 2020-01-24     | 10:00:00       | 2020-01-25 | 11:00:00         | 1500
    no_time         | 2020-01-25     | -              | 2020-01-25 | 11:00:00         | nan
""")


@pytest.mark.parametrize("row", MIDNIGHT.to_dict("records"), ids=lambda row: row["case"])
def test_uptake_time_across_midnight(row):
    scan = tables.conform(pd.DataFrame([row]), "scans")
    found = clock.uptake_minutes(
        scan["injection_time"], scan["acquisition_time"], scan["injection_date"], scan["scan_date"]
    )
    assert found[0] == pytest.approx(float(row["minutes"]), nan_ok=True)


@pytest.mark.parametrize(
    "formula, sex, weight, height, kg",
    [
        ("janmahasatian", "F", 70, 165, 43.1),
        ("james", "F", 70, 165, 48.3),
        # calculate-suv's suvlbm and suvlbmJanma of a man of 75 kg and 1.85 m, over 10
        ("james", "M", 75, 185, 62.777575),
        ("janmahasatian", "M", 75, 185, 60.915336),
    ],
)
def test_lean_body_mass(formula, sex, weight, height, kg):
    numbers = pd.Series([float(weight)]), pd.Series([float(height)]), pd.Series([sex])
    assert suv.LEAN_BODY_MASS[formula](*numbers)[0] == pytest.approx(kg, abs=0.05 if kg < 50 else 1e-5)
    assert suv.sul_factor(*numbers, formula)[0] == pytest.approx(kg / weight, abs=1e-3)
