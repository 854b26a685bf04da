"""DICOM structured reports, as highdicom writes them."""

from io import BytesIO

import highdicom
import pydicom
import pytest
from exports.raw_files import pet_header, read
from pydicom.sr.coding import Code
from pydicom.uid import generate_uid
from sonimage.faults import FaultError


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
