"""PET acquisition data as header-only DICOM files in two vendors' conventions."""

from pathlib import Path

import pandas as pd
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid

TRACERS = {"FES-PET": ("Fluoroestradiol F^18^", "926372005"), "FDG-PET": ("Fluorodeoxyglucose F^18^", "35321007")}


def write_headers(scans: pd.DataFrame, folder: Path) -> None:
    """Write one file per scan below centre folders; identifiers follow from the scan, so the bytes are the same."""
    for scan in scans.to_dict("records"):
        path = folder / scan["centre"] / f"{scan['patient_id']}_{scan['modality']}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        _header(scan).save_as(path, enforce_file_format=True)


def _header(scan: dict) -> Dataset:
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
    header.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["instance", scan["scan_id"]])
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.ImplementationClassUID = generate_uid(entropy_srcs=["sonimage"])
    header.SOPClassUID = PositronEmissionTomographyImageStorage
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID
    header.StudyInstanceUID = generate_uid(entropy_srcs=["study", scan["scan_id"]])
    header.SeriesInstanceUID = generate_uid(entropy_srcs=["series", scan["scan_id"]])
    header.PatientID, header.PatientSex, header.Modality = scan["patient_id"], "F", "PT"
    day, started = scan["scan_date"].strftime("%Y%m%d"), scan["acquisition_time"].replace(":", "")
    header.StudyDate = header.SeriesDate = header.AcquisitionDate = day
    header.SeriesTime = header.AcquisitionTime = started
    header.Manufacturer, header.ManufacturerModelName = scan["scanner"].rsplit(" ", 1)
    if not pd.isna(scan["weight_kg"]):
        header.PatientWeight = round(scan["weight_kg"], 1)
    header.PatientSize = round(scan["height_cm"] / 100, 2)
    header.Units, header.DecayCorrection = scan["units"], scan["decay_correction"]
    header.CorrectedImage = ["DECY", "ATTN", "SCAT", "DTIM", "RAN", "NORM"]
    header.ReconstructionMethod = scan["reconstruction"]
    header.RadiopharmaceuticalInformationSequence = Sequence([_injection(scan, day)])
    return header


def _injection(scan: dict, day: str) -> Dataset:
    """Siemens writes date and time of injection and the code; GE the time alone and the name."""
    name, code = TRACERS[scan["modality"]]
    injected = scan["injection_time"].replace(":", "")
    item = Dataset()
    item.RadionuclideTotalDose = round(scan["injected_activity_mbq"] * 1_000_000)
    item.RadionuclideHalfLife = scan["half_life_s"]
    item.RadiopharmaceuticalStartTime = f"{injected}.000000"
    if scan["scanner"].startswith("SIEMENS"):
        item.RadiopharmaceuticalStartDateTime = f"{day}{injected}.000000"
        coded = Dataset()
        coded.CodeValue, coded.CodingSchemeDesignator, coded.CodeMeaning = code, "SCT", name
        item.RadiopharmaceuticalCodeSequence = Sequence([coded])
    else:
        item.Radiopharmaceutical = {"FES-PET": "FES", "FDG-PET": "FDG -- fluorodeoxyglucose"}[scan["modality"]]
    return item
