"""Header-only reading of DICOM PET series: acquisition data, no pixels, no names.

Besides the tags themselves three columns are worked out, since vendors store them differently:
`Tracer` (FES or FDG, from the code or the name of the radiopharmaceutical), `InjectionTime` and `ScanTime` (HH:MM:SS).
"""

from typing import BinaryIO

import pandas as pd
import pydicom
from pydicom.errors import InvalidDicomError

from sonimage.faults import Fault, FaultError
from sonimage.sources import from_file

TAGS = (
    "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "AccessionNumber", "StudyDate", "SeriesDate", "SeriesTime",
    "AcquisitionDate", "AcquisitionTime", "Modality", "Manufacturer", "ManufacturerModelName", "PatientSex",
    "PatientWeight", "PatientSize", "Units", "DecayCorrection", "CorrectedImage", "ReconstructionMethod",
    "ConvolutionKernel", "SoftwareVersions", "FrameReferenceTime", "ActualFrameDuration",
)  # fmt: skip
TRACER_TAGS = (
    "Radiopharmaceutical", "RadionuclideTotalDose", "RadionuclideHalfLife", "RadiopharmaceuticalStartTime",
    "RadiopharmaceuticalStartDateTime",
)  # fmt: skip

# Philips images in counts are scaled to SUV, or to Bq/mL, by private factors.
PRIVATE_TAGS = {"PhilipsSUVFactor": 0x70531000, "PhilipsActivityFactor": 0x70531009}

# DICOM PS3.16 CID 4021, SNOMED CT codes
TRACER_CODES = {"35321007": "FDG", "926372005": "FES"}
TRACER_NAMES = {
    "fes": "FES",
    "fluoroestradiol": "FES",
    "fluorestradiol": "FES",
    "fdg": "FDG",
    "fluorodeoxyglucose": "FDG",
}


def read(content: BinaryIO, name: str, entry: dict) -> pd.DataFrame:
    """Read the header of one PET file as one row of text.

    `tracers` of the entry says for names or codes of the radiopharmaceutical that only this hospital uses what they are.
    """
    try:
        header = pydicom.dcmread(
            content,
            stop_before_pixels=True,
            specific_tags=[*TAGS, *PRIVATE_TAGS.values(), "RadiopharmaceuticalInformationSequence"],
        )
    except (InvalidDicomError, OSError):
        raise FaultError([Fault(name, None, None, "not a DICOM file", "Export the series again")]) from None
    sequence = header.get("RadiopharmaceuticalInformationSequence")
    if not sequence:
        raise FaultError([Fault(name, None, "RadiopharmaceuticalInformationSequence", "absent", "Not a PET series?")])
    record = {tag: _text(header, tag) for tag in TAGS} | {tag: _text(sequence[0], tag) for tag in TRACER_TAGS}
    record |= {name: str(header[tag].value).strip() if tag in header else "" for name, tag in PRIVATE_TAGS.items()}
    record["Tracer"] = _tracer(sequence[0], entry.get("tracers", {}))
    if not record["Tracer"]:
        remedy = "Expected SCT 35321007 (FDG), SCT 926372005 (FES) or a name; else declare `tracers` in the export map"
        raise FaultError([Fault(name, None, "Radiopharmaceutical", "tracer is neither FES nor FDG", remedy)])
    from_datetime = _clock(record["RadiopharmaceuticalStartDateTime"][8:])
    record["InjectionTime"] = from_datetime or _clock(record["RadiopharmaceuticalStartTime"])
    record["ScanTime"] = _clock(record["AcquisitionTime"] or record["SeriesTime"])
    return from_file(pd.DataFrame([record], dtype=object), name, [1])


def _text(dataset: pydicom.Dataset, tag: str) -> str:
    value = dataset.get(tag)
    return "" if value is None else str(value).strip()


def _tracer(item: pydicom.Dataset, declared: dict[str, str]) -> str:
    codes = [code.get("CodeValue", "") for code in item.get("RadiopharmaceuticalCodeSequence", [])]
    name = _text(item, "Radiopharmaceutical")
    known = TRACER_CODES | declared
    found = [known[code] for code in [*codes, name] if code in known]
    return next(iter(found + [tracer for word, tracer in TRACER_NAMES.items() if word in name.lower()]), "")


def _clock(time: str) -> str:
    """DICOM TM (`HHMMSS.FFFFFF`, minutes and seconds optional) as HH:MM:SS."""
    digits = time.split(".")[0].strip()
    return f"{digits[:2]}:{digits[2:4] or '00'}:{digits[4:6] or '00'}" if digits.isdigit() else ""
