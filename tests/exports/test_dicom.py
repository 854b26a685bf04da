"""DICOM headers of PET scans, as each vendor writes them."""

from io import BytesIO

import pydicom
import pytest
from exports.raw_files import pet_header, read
from sonimage.faults import FaultError
from worked_tables import table

# Headers of real scanners, retyped from the tests of cornerstonejs/calculate-suv (MIT); times only.
HEADERS = table("""
    variant          | units | SeriesTime    | AcquisitionTime | StartTime     | StartDateTime            | injection | scan
    siemens          | BQML  | 104829.000000 | 104830.351370   | 083045.000000 | 20201217083045.000000    | 08:30:45  | 10:48:29
    siemens_before   | BQML  | 123515.000000 | 123514.999995   | 114100.000000 | -                        | 11:41:00  | 12:35:14
    cps_after        | BQML  | 134918.000000 | 130348.234000   | 120037.000000 | -                        | 12:00:37  | 13:03:48
    ge               | BQML  | 095621        | 095621          | 084500.00     | 20201217084500.00        | 08:45:00  | 09:56:21
    philips_bqml     | BQML  | 110155        | 110156          | 100058        | 20201217100058           | 10:00:58  | 11:01:55
    philips_cnts     | CNTS  | 134551        | 141336          | 123000        | -                        | 12:30:00  | 13:45:51
    undefined        | BQML  | 135431.843000 | 141555.687000   | 125000.000000 | -                        | 12:50:00  | 13:54:31
    no_acquisition   | BQML  | 1354          | -               | 1250          | -                        | 12:50:00  | 13:54:00
""")  # fmt: skip


@pytest.mark.parametrize("row", HEADERS.fillna("").to_dict("records"), ids=lambda row: row["variant"])
def test_times_of_injection_and_scan_from_each_vendor(row):
    names = ("SeriesTime", "AcquisitionTime", "StartTime", "StartDateTime")
    values = {name: str(row[name]) for name in names}
    found = read(pet_header(Units=row["units"], **values), "scan.dcm").iloc[0]
    assert (found["InjectionTime"], found["ScanTime"]) == (row["injection"], row["scan"])
    assert found["Tracer"] == "FES" and "Secret" not in " ".join(map(str, found))


def test_factors_of_philips_in_counts_are_kept():
    header = pydicom.dcmread(BytesIO(pet_header(Units="CNTS")))
    block = header.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", "0.000728")
    data = BytesIO()
    pydicom.dcmwrite(data, header)
    assert read(data.getvalue(), "scan.dcm")["PhilipsSUVFactor"].tolist() == ["0.000728"]


def test_a_tracer_by_name_of_the_hospital_must_be_declared():
    data = pet_header(Radiopharmaceutical="Solution")
    with pytest.raises(FaultError, match="neither FES nor FDG"):
        read(data, "scan.dcm")
    assert read(data, "scan.dcm", tracers={"Solution": "FES"})["Tracer"].tolist() == ["FES"]
