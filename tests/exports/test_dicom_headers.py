"""DICOM headers of PET: which tracer, when injected, when scanned; the traps of real vendors."""

from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid
from sonimage.exports.formats import dicom
from sonimage.faults import FaultError
from worked_tables import table

CODES = {"FES": ("926372005", "SCT"), "FDG": ("35321007", "SCT"), "private": ("Y-X1743", "99SDM")}


def header(name: str = "FES", code: str | None = None, ge_scan: str | None = None, **values: str) -> bytes:
    """A header alone: tags of the series from `values`, of the injection from those that begin with Radio."""
    data, item = pydicom.Dataset(), pydicom.Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = PositronEmissionTomographyImageStorage
    data.SOPInstanceUID = generate_uid()
    item.Radiopharmaceutical = name
    if code:
        coded = pydicom.Dataset()
        coded.CodeValue, coded.CodingSchemeDesignator = CODES[code]
        item.RadiopharmaceuticalCodeSequence = [coded]
    for tag, value in values.items():
        setattr(item if tag.startswith("Radio") else data, tag, value)
    data.RadiopharmaceuticalInformationSequence = [item]
    if ge_scan:
        data.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x0D, "UN", ge_scan.encode())
    content = BytesIO()
    pydicom.dcmwrite(content, data, enforce_file_format=True)
    return content.getvalue()


def read(**values) -> dict:
    return dicom.read(BytesIO(header(**values)), "scan.dcm", {}).iloc[0].to_dict()


# Series and acquisition; the day and time at which the scan started
STARTS = table("""
    case           | SeriesDate | SeriesTime | AcquisitionDate | AcquisitionTime | ge_scan        | day      | time
    first_bed      | 20200910   | 100000     | 20200910        | 100000          | -              | 20200910 | 10:00:00
    later_bed      | 20200910   | 100000     | 20200910        | 102745          | -              | 20200910 | 10:00:00
    reconstructed  | 20200910   | 144500     | 20200910        | 100000          | -              | 20200910 | 10:00:00
    ge_private     | 20200910   | 144500     | 20200910        | 102745          | 20200910100000 | 20200910 | 10:00:00
    ge_not_needed  | 20200910   | 100000     | 20200910        | 102745          | 20200910123456 | 20200910 | 10:00:00
    over_midnight  | 20200910   | 234500     | 20200911        | 001500          | -              | 20200910 | 23:45:00
    next_day       | 20200911   | 090000     | 20200910        | 235000          | -              | 20200910 | 23:50:00
    no_acq_time    | 20200910   | 1000       | 20200910        | -               | -              | 20200910 | 10:00:00
    no_acq_date    | 20200910   | 100000     | -               | 102745          | -              | -        | 10:00:00
    no_series_time | -          | -          | 20200910        | 101010.5        | -              | 20200910 | 10:10:10
""")


@pytest.mark.parametrize("row", STARTS.dropna(axis=1, how="all").to_dict("records"), ids=lambda row: row["case"])
def test_when_a_scan_started(row):
    given = {tag: row[tag] for tag in STARTS.columns[1:6] if isinstance(row[tag], str)}
    found = read(**given)
    assert (found["ScanDate"], found["ScanTime"]) == (row["day"] if isinstance(row["day"], str) else "", row["time"])


@pytest.mark.parametrize(
    "moment, time, day, clock",
    [
        ("20200910233000.000000 ", "233000", "20200910", "23:30:00"),  # vendors end with a blank
        ("20200910233000", "", "20200910", "23:30:00"),
        ("", "233000.00", "", "23:30:00"),
        ("20200910", "2330", "", "23:30:00"),  # a day without a time is no moment
        ("", "", "", ""),
    ],
)
def test_when_the_tracer_was_injected(moment, time, day, clock):
    found = read(RadiopharmaceuticalStartDateTime=moment, RadiopharmaceuticalStartTime=time)
    assert (found["InjectionDate"], found["InjectionTime"]) == (day, clock)


@pytest.mark.parametrize(
    "name, code, tracer",
    [
        ("FES", None, "FES"),
        ("16a-[18F]fluoroestradiol", None, "FES"),
        ("FDG -- fluorodeoxyglucose", "private", "FDG"),  # GE's own coding scheme, as in STS_001
        ("Solution", "FES", "FES"),
        ("", "FDG", "FDG"),
        ("FES", "FES", "FES"),
    ],
)
def test_the_tracer_by_code_or_name(name, code, tracer):
    assert read(name=name, code=code)["Tracer"] == tracer


@pytest.mark.parametrize(
    "name, code, words",
    [("FES", "FDG", "code and name say FES and FDG"), ("Choline", "private", "neither FES nor FDG")],
)
def test_a_tracer_that_is_unknown_or_contradicts_itself_stops_the_run(name, code, words):
    with pytest.raises(FaultError, match=words):
        read(name=name, code=code)
