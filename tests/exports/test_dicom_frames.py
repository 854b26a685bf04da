"""Multi-frame PET: one file per series, dates and times in functional groups."""

from io import BytesIO

import pydicom
import pytest
from exports.raw_files import read
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    EnhancedPETImageStorage,
    ExplicitVRLittleEndian,
    LegacyConvertedEnhancedPETImageStorage,
    generate_uid,
)
from sonimage.faults import FaultError


def item(**values) -> Dataset:
    dataset = Dataset()
    for name, value in values.items():
        setattr(dataset, name, value)
    return dataset


def tracer(**values) -> Dataset:
    code = item(CodeValue="926372005", CodingSchemeDesignator="SCT")
    given = {"RadiopharmaceuticalCodeSequence": [code], "RadiopharmaceuticalStartDateTime": "20200120090000.00+0100",
             "RadionuclideTotalDose": "210000000", "RadionuclideHalfLife": "6586.2"}  # fmt: skip
    return item(**(given | values))


def written(kind: str, **values) -> bytes:
    data = item(PatientID="P1", PatientName="Secret^Name", Modality="PT", StudyDate="20200120", **values)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID, data.SOPInstanceUID, data.SeriesInstanceUID = kind, generate_uid(), generate_uid()
    content = BytesIO()
    pydicom.dcmwrite(content, data, enforce_file_format=True)
    return content.getvalue()


def frames(*moments: str) -> list[Dataset]:
    return [
        item(FrameContentSequence=[item(FrameAcquisitionDateTime=one, FrameAcquisitionDuration=180000.0)])
        for one in moments
    ]


def enhanced(**values) -> bytes:
    units = item(MeasurementUnitsCodeSequence=[item(CodeValue="Bq/ml", CodingSchemeDesignator="UCUM")])
    method = item(ReconstructionAlgorithm="ITERATIVE")
    given = {
        "SeriesTime": "144500", "PatientWeight": "70", "PatientSize": "1.71", "ManufacturerModelName": "Scanner",
        "DecayCorrected": "YES", "AttenuationCorrected": "YES", "ScatterCorrected": "NO",
        "DecayCorrectionDateTime": "20200120100000.000000",
        "RadiopharmaceuticalInformationSequence": [tracer()],
        "SharedFunctionalGroupsSequence": [item(RealWorldValueMappingSequence=[units], PETReconstructionSequence=[method])],
        "PerFrameFunctionalGroupsSequence": frames("20200120100300.000000", "20200120100000.000000"),
    }  # fmt: skip
    return written(EnhancedPETImageStorage, **(given | values))


def test_enhanced_pet_is_read_from_its_functional_groups():
    found = read(enhanced(), "scan.dcm").iloc[0]
    expected = {
        "PatientID": "P1", "Tracer": "FES", "ScanDate": "20200120", "ScanTime": "10:00:00", "InjectionDate": "20200120",
        "InjectionTime": "09:00:00", "PatientWeight": "70", "PatientSize": "1.71", "ManufacturerModelName": "Scanner",
        "RadionuclideTotalDose": "210000000", "RadionuclideHalfLife": "6586.2", "Units": "BQML", "DecayCorrection": "START",
        "CorrectedImage": "['DECY', 'ATTN']", "ReconstructionMethod": "ITERATIVE", "ActualFrameDuration": "180000",
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected and "Secret" not in " ".join(map(str, found))


@pytest.mark.parametrize(
    "values, decay",
    [
        ({"DecayCorrectionDateTime": "20200120090000"}, "ADMIN"),
        ({"DecayCorrected": "NO"}, "NONE"),
        ({"DecayCorrectionDateTime": "20200120110000"}, "20200120110000"),
    ],
)
def test_the_moment_of_decay_correction_is_named_as_single_images_name_it(values, decay):
    assert read(enhanced(**values), "scan.dcm")["DecayCorrection"].tolist() == [decay]


def test_legacy_converted_pet_is_read_from_what_was_converted():
    shared = item(UnassignedSharedConvertedAttributesSequence=[
        item(Units="BQML", DecayCorrection="START", CorrectedImage=["DECY", "ATTN"], PatientWeight="70",
             RadiopharmaceuticalInformationSequence=[tracer()]),
    ])  # fmt: skip
    per_frame = [
        item(UnassignedPerFrameConvertedAttributesSequence=[item(AcquisitionDate="20200120", AcquisitionTime=time)])
        for time in ("100300", "100000.5")
    ]
    data = written(LegacyConvertedEnhancedPETImageStorage, SharedFunctionalGroupsSequence=[shared],
                   PerFrameFunctionalGroupsSequence=per_frame)  # fmt: skip
    found = read(data, "scan.dcm").iloc[0]
    assert found[["Tracer", "ScanDate", "ScanTime", "Units", "PatientWeight"]].tolist() == [
        "FES",
        "20200120",
        "10:00:00",
        "BQML",
        "70",
    ]
    assert found["CorrectedImage"] == "['DECY', 'ATTN']" and found["DecayCorrection"] == "START"


def test_the_time_of_the_whole_holds_where_no_frame_has_one_and_without_any_the_file_is_refused():
    bare = {"PerFrameFunctionalGroupsSequence": [Dataset()]}
    found = read(enhanced(AcquisitionDateTime="20200120100500", **bare), "scan.dcm").iloc[0]
    assert (found["ScanDate"], found["ScanTime"]) == ("20200120", "10:05:00")
    with pytest.raises(FaultError, match=r"a multi-frame PET without the time of acquisition.*single images"):
        read(enhanced(**bare), "scan.dcm")


def test_two_radiopharmaceuticals_in_one_image_are_refused():
    with pytest.raises(FaultError, match="several radiopharmaceuticals"):
        read(enhanced(RadiopharmaceuticalInformationSequence=[tracer(), tracer()]), "scan.dcm")
