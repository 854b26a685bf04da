"""Header-only reading of DICOM PET series: acquisition data, no pixels, no names.

Besides the tags themselves three columns are worked out, since vendors store them differently:
`Tracer` (FES or FDG, from the code or the name of the radiopharmaceutical), `InjectionTime` and `ScanTime` (HH:MM:SS).
"""

from pathlib import Path

import pandas as pd
import pydicom
from pydicom.errors import InvalidDicomError

from sonimage.faults import Fault, FaultError

TAGS = (
    "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "AccessionNumber", "StudyDate", "SeriesDate", "SeriesTime",
    "AcquisitionDate", "AcquisitionTime", "Modality", "Manufacturer", "ManufacturerModelName", "PatientSex",
    "PatientWeight", "PatientSize", "Units", "DecayCorrection", "ReconstructionMethod", "FrameReferenceTime",
)  # fmt: skip
TRACER_TAGS = (
    "Radiopharmaceutical", "RadionuclideTotalDose", "RadionuclideHalfLife", "RadiopharmaceuticalStartTime",
    "RadiopharmaceuticalStartDateTime",
)  # fmt: skip

# DICOM PS3.16 CID 4021, SNOMED CT codes
TRACER_CODES = {"35321007": "FDG", "926372005": "FES"}
TRACER_NAMES = {
    "fes": "FES",
    "fluoroestradiol": "FES",
    "fluorestradiol": "FES",
    "fdg": "FDG",
    "fluorodeoxyglucose": "FDG",
}


def read(path: Path, name: str, entry: dict) -> pd.DataFrame:
    """Read the header of one PET file as one row of text."""
    try:
        header = pydicom.dcmread(
            path, stop_before_pixels=True, specific_tags=[*TAGS, "RadiopharmaceuticalInformationSequence"]
        )
    except (InvalidDicomError, OSError):
        raise FaultError([Fault(name, None, None, "not a DICOM file", "Export the series again")]) from None
    sequence = header.get("RadiopharmaceuticalInformationSequence")
    if not sequence:
        raise FaultError([Fault(name, None, "RadiopharmaceuticalInformationSequence", "absent", "Not a PET series?")])
    record = {tag: _text(header, tag) for tag in TAGS} | {tag: _text(sequence[0], tag) for tag in TRACER_TAGS}
    record["Tracer"] = _tracer(sequence[0])
    if not record["Tracer"]:
        remedy = "Give its code (SCT 35321007 FDG, SCT 926372005 FES) or name in the header"
        raise FaultError([Fault(name, None, "Radiopharmaceutical", "tracer is neither FES nor FDG", remedy)])
    record["InjectionTime"] = _clock(
        record["RadiopharmaceuticalStartDateTime"][8:] or record["RadiopharmaceuticalStartTime"]
    )
    record["ScanTime"] = _clock(record["AcquisitionTime"] or record["SeriesTime"])
    return pd.DataFrame([record], dtype=object).assign(source_file=name, source_row=1)


def _text(dataset: pydicom.Dataset, tag: str) -> str:
    value = dataset.get(tag)
    return "" if value is None else str(value).strip()


def _tracer(item: pydicom.Dataset) -> str:
    codes = [code.get("CodeValue", "") for code in item.get("RadiopharmaceuticalCodeSequence", [])]
    by_code = [TRACER_CODES[code] for code in codes if code in TRACER_CODES]
    name = _text(item, "Radiopharmaceutical").lower()
    return next(iter(by_code + [tracer for word, tracer in TRACER_NAMES.items() if word in name]), "")


def _clock(time: str) -> str:
    """DICOM TM (`HHMMSS.FFFFFF`, minutes and seconds optional) as HH:MM:SS."""
    digits = time.split(".")[0].strip()
    return f"{digits[:2]}:{digits[2:4] or '00'}:{digits[4:6] or '00'}" if len(digits) >= 2 else ""
