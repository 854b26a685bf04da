"""Each format of a raw file, as its producers write it; the traps are those that real exports and public issues show."""

import json
import zipfile
from io import BytesIO

import highdicom
import numpy as np
import openpyxl
import pandas as pd
import pydicom
import pyreadstat
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid
from sonimage.exports.formats import ADAPTERS, archive, format_of
from sonimage.faults import FaultError
from worked_tables import table


def read(data: bytes, name: str = "raw.csv", **entry) -> pd.DataFrame:
    return ADAPTERS[format_of(name, entry)](BytesIO(data), name, entry)


def cells(frame: pd.DataFrame) -> list[list[str]]:
    return frame.drop(columns=["source_file", "source_row"]).astype(object).to_numpy().tolist()


# delimited: data, entry of the map, cells expected, rows of the file expected
DELIMITED = {
    "one delimiter too many in data lines": (
        b"a;b\n1;2;\n3;4;\n", {"delimiter": ";", "trailing_empty_column": True}, [["1", "2"], ["3", "4"]], [2, 3],
    ),
    "an empty last name in the header": (
        b"a;b;\n1;2;\n", {"delimiter": ";", "trailing_empty_column": True}, [["1", "2"]], [2],
    ),
    "byte order mark of Excel": (b"\xef\xbb\xbfa,b\n1,2\n", {}, [["1", "2"]], [2]),
    "cp1252 as declared": ("a,b\nRené,2\n".encode("cp1252"), {"encoding": "cp1252"}, [["René", "2"]], [2]),
    "words that pandas takes for missing, numbers with zeros": (
        b"a,b\nNA,001\nNone,null\n", {}, [["NA", "001"], ["None", "null"]], [2, 3],
    ),
    "a line break and a delimiter within quotes": (b'a,b\n"x,\ny",1\nz,2\n', {}, [["x,\ny", "1"], ["z", "2"]], [2, 4]),
    "doubled quotes": (b'a,b\n"say ""no""",1\n', {}, [['say "no"', "1"]], [2]),
    "blank lines count as lines": (b"a,b\n\n1,2\n\n3,4\n", {}, [["1", "2"], ["3", "4"]], [3, 5]),
    "line ends of Windows": (b"a,b\r\n1,2\r\n", {}, [["1", "2"]], [2]),
    "titles above the header (OpenClinica)": (b"Dataset,x\nDate,y\n\na,b\n1,2\n", {"header_row": 4}, [["1", "2"]], [5]),
    "comments of PMOD": (
        b"# PMOD\n//VoiName(Region) [string]\tMax [SUV]\n# units\nL1\t4.5\n",
        {"delimiter": "\t", "comment": "#"}, [["L1", "4.5"]], [4],
    ),
    "trailing comma of 3D Slicer": (
        b"Label_Value,Mean,Peak,\n1,2.5,3.5,\n", {"trailing_empty_column": True}, [["1", "2.5", "3.5"]], [2],
    ),
    "blanks around cells": (b"a , b\n 1 ,2 \n", {}, [["1", "2"]], [2]),
}  # fmt: skip


@pytest.mark.parametrize("case", DELIMITED)
def test_delimited_text_is_read_as_it_stands(case):
    data, entry, expected, rows = DELIMITED[case]
    frame = read(data, **entry)
    assert cells(frame) == expected and frame["source_row"].tolist() == rows


# data, entry, words of the message
REFUSED = {
    "one field too many, not declared": (b"a,b\n1,2,\n", {}, ["row 2", "3 fields where the header has 2"]),
    "declared trailing cell that holds something": (
        b"a,b\n1,2,x\n", {"trailing_empty_column": True}, ["row 2", "3 fields"],
    ),
    "one field too few": (b"a,b,c\n1,2,3\n1,2\n", {}, ["row 3", "2 fields where the header has 3"]),
    "cut off within quotes": (b'a,b\n1,"abc', {}, ["row 2", "unreadable quoting"]),
    "a last name that is empty, not declared": (b"a;b;\n1;2;\n", {"delimiter": ";"}, ["trailing_empty_column: true"]),
    "a name twice": (b"a,a\n1,2\n", {}, ["row 1", "column a", "twice"]),
    "wrong delimiter": (b"a;b\n1;2\n", {}, ["wrong delimiter", "declare `delimiter: ';'"]),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), {}, ["NUL byte", "UTF-16"]),
    "cp1252, not declared": (b"a\nRen\xe9\n", {}, ["row 2", "not utf-8", "cp1252"]),
    "nothing": (b" \n", {}, ["the file is empty"]),
    "a line of blanks in a table of one column": (b"a\n1\n   \n2\n", {}, ["lines of blanks"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_damaged_text_is_refused_in_words(case):
    data, entry, words = REFUSED[case]
    with pytest.raises(FaultError) as stopped:
        read(data, **entry)
    for word in words:
        assert word in str(stopped.value)


def test_a_file_of_another_width_names_the_first_lines_and_counts_the_rest():
    with pytest.raises(FaultError) as stopped:
        read(b"a,b\n" + b"1,2,3\n" * 1000)
    assert len(stopped.value.faults) == 21 and "980 more lines" in str(stopped.value)


def workbook(*rows, sheet: str = "Study results", title: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in ([[title]] if title else []) + list(rows):
        page.append(row)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def test_a_castor_workbook_with_its_unnamed_last_column_and_numbers_as_text():
    data = workbook(["Record Id", "pat_age", ""], ["TES001", "53", ""], ["TES002", "43", None])
    frame = read(data, "castor.xlsx", sheet="Study results")
    assert cells(frame) == [["TES001", "53"], ["TES002", "43"]]
    assert set(frame["source_file"]) == {"castor.xlsx#Study results"}


def test_a_worksheet_mixes_dates_texts_and_numbers():
    import datetime

    data = workbook(["d", "n"], [datetime.datetime(2019, 12, 5), 14.0], ["05-12-2019", 4.53], title="CT metingen")
    frame = read(data, "ct.xlsx", header_row=2)
    assert cells(frame) == [["2019-12-05", "14"], ["05-12-2019", "4.53"]] and frame["source_row"].tolist() == [3, 4]


def test_a_formula_is_refused_and_an_equals_sign_that_is_text_is_not():
    book = openpyxl.Workbook()
    book.active.append(["operator", "value"])
    book.active.append(["x", 1])
    book.active["A2"].value, book.active["A2"].data_type = "=", "s"
    data = BytesIO()
    book.save(data)
    assert cells(read(data.getvalue(), "list.xlsx")) == [["=", "1"]]
    with pytest.raises(FaultError, match=r"row 2, column b: a formula"):
        read(workbook(["a", "b"], [1, "=A2*2"]), "sums.xlsx")


def test_a_value_outside_the_named_columns_and_an_absent_sheet_are_refused():
    with pytest.raises(FaultError, match="outside the named columns"):
        read(workbook(["a"], [1, "stray"]), "x.xlsx")
    with pytest.raises(FaultError, match=r"no sheet 'Blad2'. The workbook has Study results"):
        read(workbook(["a"]), "x.xlsx", sheet="Blad2")


def zipped(compression=zipfile.ZIP_DEFLATED, **members: bytes) -> BytesIO:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", compression) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return data


def test_an_archive_gives_the_members_of_a_pattern():
    data = zipped(**{"S/S_study_export_1.csv": b"a\n1\n", "S/S_study_Events_export_1.csv": b"a\n2\n"})
    found = list(archive.open_members(data, "s.zip", "*_study_export_*.csv"))
    assert [(label, content.read()) for label, content in found] == [("s.zip#S/S_study_export_1.csv", b"a\n1\n")]


@pytest.mark.parametrize(
    "member, words",
    [
        ("../../etc/passwd", "leaves the folder"),
        ("/etc/passwd", "leaves the folder"),
        ("C:\\x.csv", "leaves the folder"),
    ],
)
def test_a_path_that_leaves_the_folder_is_refused(member, words):
    with pytest.raises(FaultError, match=words):
        archive.check(zipped(**{member: b"x"}), "s.zip")


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(FaultError, match="200 times its size"):
        archive.check(zipped(**{"big.csv": b"0" * 20_000_000}), "s.zip")
    with pytest.raises(FaultError, match="not a readable archive"):
        read(b"PK nothing", "x.xlsx")


DATASET = {
    "datasetJSONVersion": "1.1.0",
    "records": 2,
    "columns": [{"name": "USUBJID"}, {"name": "AVAL"}, {"name": "ADT"}, {"name": "FL"}],
    "rows": [["01", 1.5, "2014-01-02", True], [" 02", None, "", 3]],
}


def as_lines(dataset: dict) -> bytes:
    metadata = {name: value for name, value in dataset.items() if name != "rows"}
    return "\n".join(json.dumps(line) for line in [metadata, *dataset["rows"]]).encode()


def test_dataset_json_as_object_and_as_lines():
    expected = [["01", "1.5", "2014-01-02", "true"], ["02", "", "", "3"]]
    assert cells(read(json.dumps(DATASET).encode(), "adtte.json")) == expected
    assert cells(read(as_lines(DATASET), "adtte.ndjson")) == expected


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"records": 3}, "2 rows where `records` says 3"),
        ({"datasetJSONVersion": "1.0.0"}, "not version 1.1"),
        ({"columns": DATASET["columns"][:3]}, "row 2: not a row of 3 values"),
        ({"columns": [DATASET["columns"][0]] * 4}, "occurs twice"),
    ],
)
def test_damaged_dataset_json_is_refused(changes, words):
    with pytest.raises(FaultError, match=words):
        read(json.dumps(DATASET | changes).encode(), "adtte.json")


def test_dataset_json_that_is_cut_off_or_has_no_number_is_refused():
    whole = json.dumps(DATASET)
    for text in (whole[:-20], whole.replace("1.5", "NaN"), "[]", ""):
        with pytest.raises(FaultError, match=r"adtte.json"):
            read(text.encode(), "adtte.json")


def test_a_transport_file_keeps_zero_empty_and_text(tmp_path):
    frame = pd.DataFrame({"USUBJID": ["01", "02"], "AVAL": [0.0, np.nan], "DAY": [19725.0, 12.25]})
    pyreadstat.write_xport(frame, tmp_path / "adtte.xpt", table_name="ADTTE", file_format_version=5)
    found = read((tmp_path / "adtte.xpt").read_bytes(), "adtte.xpt")
    assert cells(found) == [["01", "0", "19725"], ["02", "", "12.25"]]


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


def pet_header(**values) -> bytes:
    header, tracer = pydicom.Dataset(), pydicom.Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.SOPClassUID = PositronEmissionTomographyImageStorage
    header.SOPInstanceUID = header.SeriesInstanceUID = header.StudyInstanceUID = generate_uid()
    header.PatientID, header.PatientName, header.Modality = "P1", "Secret^Name", "PT"
    tracer.Radiopharmaceutical = values.pop("Radiopharmaceutical", "FES")
    tracer.RadiopharmaceuticalStartTime = values.pop("StartTime", "")
    tracer.RadiopharmaceuticalStartDateTime = values.pop("StartDateTime", "")
    for name, value in values.items():
        setattr(header, name, value)
    header.RadiopharmaceuticalInformationSequence = [tracer]
    data = BytesIO()
    pydicom.dcmwrite(data, header, enforce_file_format=True)
    return data.getvalue()


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


def report() -> bytes:
    """A measurement report (TID 1500) with one lesion, as highdicom writes it."""
    sr = highdicom.sr
    image = pydicom.dcmread(BytesIO(pet_header(StudyDate="20200106")))
    for name in ("PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyTime", "ReferringPhysicianName"):
        setattr(image, name, "")
    image.Rows = image.Columns = 2
    unit = Code("{SUVbw}g/ml", "UCUM", "SUVbw")
    measurement = sr.Measurement(
        name=Code("126401", "DCM", "SUVbw"), value=4.53, unit=unit, derivation=Code("56851009", "SCT", "Maximum")
    )
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=generate_uid(), identifier="L01"),
        finding_type=Code("52988006", "SCT", "Lesion"),
        finding_sites=[sr.FindingSite(anatomic_location=Code("10200004", "SCT", "Liver"))],
        measurements=[measurement],
        source_images=[sr.SourceImageForMeasurementGroup.from_source_image(image)],
    )
    person = sr.ObserverContext(
        observer_type=Code("121006", "DCM", "Person"),
        observer_identifying_attributes=sr.PersonObserverIdentifyingAttributes(name="Reader^Secret"),
    )
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_person_context=person),
        procedure_reported=Code("44139-4", "LN", "PET whole body"),
        imaging_measurements=[group],
    )
    document = sr.ComprehensiveSR(
        evidence=[image], content=content, series_instance_uid=generate_uid(), series_number=1,
        sop_instance_uid=generate_uid(), instance_number=1, manufacturer="test",
    )  # fmt: skip
    data = BytesIO()
    document.save_as(data)
    return data.getvalue()


def test_a_structured_report_gives_one_row_per_lesion_and_no_names():
    found = read(report(), "l01.dcm", format="dicom_sr").iloc[0]
    assert found["TrackingIdentifier"] == "L01" and found["FindingSite"] == "Liver" and found["StudyDate"] == "20200106"
    assert found["SUVbw Maximum [{SUVbw}g/ml]"] == "4.53" and "Secret" not in " ".join(map(str, found))


def test_a_file_that_is_no_report_or_no_dicom_is_refused():
    with pytest.raises(FaultError, match="not a structured report"):
        read(pet_header(), "scan.dcm", format="dicom_sr")
    with pytest.raises(FaultError, match="not a DICOM file"):
        read(b"nothing", "scan.dcm")
