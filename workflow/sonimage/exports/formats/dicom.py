"""Header-only reading of DICOM PET series: acquisition data, no pixels, no names.

Besides the tags themselves some columns are worked out, since vendors store them differently: `Tracer` (FES or FDG, from
the code or the name of the radiopharmaceutical), `InjectionDate`, `InjectionTime`, `ScanDate` and `ScanTime` (YYYYMMDD and
HH:MM:SS). The scan starts when its first bed position does, which is what decay is corrected to (QIBA's SUV pseudocode):
at the series time, as AcquisitionTime may be that of a later bed position; a series time after the acquisition is that of
a reconstruction, and then GE's private scan time or else the acquisition time holds. A multi-frame image (`dicom_frames`)
starts with its earliest frame.
"""

import re
from typing import BinaryIO

import pandas as pd
import pydicom
from pydicom.errors import InvalidDicomError

from sonimage.exports.formats import dicom_frames
from sonimage.exports.sources import from_file
from sonimage.faults import Fault, FaultError

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
PRIVATE_TAGS = {"PhilipsSUVFactor": 0x70531000, "PhilipsActivityFactor": 0x70531009, "GEScanDateTime": 0x0009100D}

WANTED = (*TAGS, *PRIVATE_TAGS.values(), "RadiopharmaceuticalInformationSequence")

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
            specific_tags=[*WANTED, *dicom_frames.TAGS],
        )
    except (InvalidDicomError, OSError):
        raise FaultError([Fault(name, None, None, "not a DICOM file", "Export the series again")]) from None
    has_frames = dicom_frames.is_multiframe(header)
    header = dicom_frames.as_single_image(header, WANTED, name) if has_frames else header
    sequence = header.get("RadiopharmaceuticalInformationSequence")
    if not sequence:
        raise FaultError([Fault(name, None, "RadiopharmaceuticalInformationSequence", "absent", "Not a PET series?")])
    record = {tag: _text(header, tag) for tag in TAGS} | {tag: _text(sequence[0], tag) for tag in TRACER_TAGS}
    record |= {name: _private(header, tag) for name, tag in PRIVATE_TAGS.items()}
    tracers = _tracers(sequence[0], entry.get("tracers", {}))
    if len(tracers) != 1:
        rule = "tracer is neither FES nor FDG" if not tracers else "code and name say FES and FDG"
        remedy = "Expected SCT 35321007 (FDG), SCT 926372005 (FES) or a name; else declare `tracers` in the export map"
        raise FaultError([Fault(name, None, "Radiopharmaceutical", rule, remedy)])
    started = _by_acquisition(record) if has_frames else _started(record)
    record |= {"Tracer": tracers.pop()} | _injected(record) | started
    return from_file(pd.DataFrame([record], dtype=object), name, [1])


def _injected(record: dict[str, str]) -> dict[str, str]:
    """Day and time of injection; the day is empty where the header has the time alone."""
    moment = record["RadiopharmaceuticalStartDateTime"]
    if _clock(moment[8:]):
        return {"InjectionDate": moment[:8], "InjectionTime": _clock(moment[8:])}
    return {"InjectionDate": "", "InjectionTime": _clock(record["RadiopharmaceuticalStartTime"])}


def _by_acquisition(record: dict[str, str]) -> dict[str, str]:
    """Day and time of the earliest frame of a multi-frame image."""
    return {"ScanDate": record["AcquisitionDate"], "ScanTime": _clock(record["AcquisitionTime"])}


def _started(record: dict[str, str]) -> dict[str, str]:
    """Day and time at which the scan started; see the head of this module. Without AcquisitionDate there is no day."""
    day = record["AcquisitionDate"]
    acquired = (day, _clock(record["AcquisitionTime"]))
    series = (record["SeriesDate"] if day and record["SeriesDate"] else day, _clock(record["SeriesTime"]))
    private = record["GEScanDateTime"]
    if not acquired[1] or (series[1] and series <= acquired):
        start = series
    elif series[1] and _clock(private[8:]):
        start = (private[:8], _clock(private[8:]))
    else:
        start = acquired
    return {"ScanDate": start[0], "ScanTime": start[1]}


def _private(header: pydicom.Dataset, tag: int) -> str:
    value = header[tag].value if tag in header else ""
    return (value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)).strip("\0 ")


def _text(dataset: pydicom.Dataset, tag: str) -> str:
    value = dataset.get(tag)
    return "" if value is None else str(value).strip()


def _tracers(item: pydicom.Dataset, declared: dict[str, str]) -> set[str]:
    """What code, name and declaration say; two answers are a contradiction."""
    codes = [code.get("CodeValue", "") for code in item.get("RadiopharmaceuticalCodeSequence", [])]
    name = _text(item, "Radiopharmaceutical")
    if name in declared:
        return {declared[name]}
    known = TRACER_CODES | declared
    return {known[code] for code in codes if code in known} | {
        tracer for word, tracer in TRACER_NAMES.items() if word in name.lower()
    }


def _clock(time: str) -> str:
    """DICOM TM (`HHMMSS.FFFFFF`, minutes and seconds optional, a zone left out) as HH:MM:SS, the local time as written."""
    digits = re.split("[.+-]", time)[0].strip()
    return f"{digits[:2]}:{digits[2:4] or '00'}:{digits[4:6] or '00'}" if digits.isdigit() else ""
