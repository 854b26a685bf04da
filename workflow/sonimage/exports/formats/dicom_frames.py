"""Multi-frame PET (Enhanced PET, Legacy Converted Enhanced PET): one file per series, brought to the tags of single images.

What single images say of a slice stands in functional groups here, shared by all frames or one per frame (PS3.3 C.7.6.16).
The scan starts with the earliest frame; the corrections and units are named by other tags.
"""

from collections.abc import Iterator

import pydicom
from pydicom import Dataset
from pydicom.uid import EnhancedPETImageStorage, LegacyConvertedEnhancedPETImageStorage

from sonimage.faults import Fault, FaultError

MULTIFRAME = (EnhancedPETImageStorage, LegacyConvertedEnhancedPETImageStorage)
# Flags of Enhanced PET (C.8.22.5) -> what Corrected Image (0028,0051) calls them
CORRECTIONS = {
    "DecayCorrected": "DECY", "AttenuationCorrected": "ATTN", "ScatterCorrected": "SCAT", "DeadTimeCorrected": "DTIM",
    "GantryMotionCorrected": "MOTN", "PatientMotionCorrected": "PMOT", "CountLossNormalizationCorrected": "CLN",
    "RandomsCorrected": "RAN", "NonUniformRadialSamplingCorrected": "RADL", "SensitivityCalibrated": "DCAL",
    "DetectorNormalizationCorrection": "NORM",
}  # fmt: skip
UNITS = {
    "bq/ml": "BQML",
    "{suvbw}g/ml": "GML",
    "g/ml{suvbw}": "GML",
    "g/ml": "GML",
    "{counts}": "CNTS",
}  # UCUM -> (0054,1001)
TAGS = (
    "SOPClassUID", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "AcquisitionDateTime",
    "DecayCorrectionDateTime", *CORRECTIONS,
)  # fmt: skip
LEGACY = ("UnassignedSharedConvertedAttributesSequence", "UnassignedPerFrameConvertedAttributesSequence")


def is_multiframe(header: Dataset) -> bool:
    """Whether the file is one of the two kinds that hold a whole series."""
    return header.get("SOPClassUID") in MULTIFRAME


def as_single_image(header: Dataset, tags: tuple[str | int, ...], name: str) -> Dataset:
    """Return a header with the tags of a single image; raises FaultError where no frame says when it was acquired."""
    places = list(_places(header))
    found = Dataset()
    for tag in tags:
        element = next((place[tag] for place in places if tag in place and place[tag].value not in (None, "")), None)
        if element is not None:
            found.add(element)
    started = min(_moments(header), default="")
    if not started:
        rule = "a multi-frame PET without the time of acquisition in its functional groups"
        raise FaultError([Fault(name, None, "FrameAcquisitionDateTime", rule, "Export the series as single images")])
    if len(found.get("RadiopharmaceuticalInformationSequence") or []) > 1:
        rule, remedy = "several radiopharmaceuticals in one image", "Export one series per tracer"
        raise FaultError([Fault(name, None, "RadiopharmaceuticalInformationSequence", rule, remedy)])
    found.AcquisitionDate, found.AcquisitionTime = started[:8], started[8:]
    return _with_names_of_single_images(found, header, places, started)


def _with_names_of_single_images(found: Dataset, header: Dataset, places: list[Dataset], started: str) -> Dataset:
    """Units, corrections, decay and reconstruction, which Enhanced PET says by other tags."""
    units = _first(places, "RealWorldValueMappingSequence", "MeasurementUnitsCodeSequence", "CodeValue")
    if "Units" not in found and units:
        found.Units = UNITS.get(units.lower(), units)
    if "CorrectedImage" not in found and any(flag in header for flag in CORRECTIONS):
        found.CorrectedImage = [word for flag, word in CORRECTIONS.items() if header.get(flag) == "YES"]
    if "DecayCorrection" not in found and "DecayCorrected" in header:
        found.DecayCorrection = _decay(header, found, started)
    method = _first(places, "PETReconstructionSequence", "ReconstructionAlgorithm")
    if "ReconstructionMethod" not in found and method:
        found.ReconstructionMethod = method
    duration = _first(places, "FrameContentSequence", "FrameAcquisitionDuration")
    if "ActualFrameDuration" not in found and duration:
        found.ActualFrameDuration = str(round(float(duration)))
    return found


def _places(header: Dataset) -> Iterator[Dataset]:
    """Where a tag may stand, in order: the header, groups that all frames share, those of the first frame, what was converted."""
    yield header
    groups = [
        *header.get("SharedFunctionalGroupsSequence", []),
        *header.get("PerFrameFunctionalGroupsSequence", [])[:1],
    ]
    yield from groups
    for group in groups:
        for element in group:
            if element.VR == "SQ" and len(element.value):
                yield element.value[0]


def _moments(header: Dataset) -> Iterator[str]:
    """Day and time of acquisition of each frame (YYYYMMDDHHMMSS), by whatever tag says it; of the whole where no frame does."""
    is_timed = False
    for group in [
        *header.get("SharedFunctionalGroupsSequence", []),
        *header.get("PerFrameFunctionalGroupsSequence", []),
    ]:
        for content in group.get("FrameContentSequence", []):
            if content.get("FrameAcquisitionDateTime"):
                is_timed = True
                yield str(content.FrameAcquisitionDateTime)
        for kind in LEGACY:
            for converted in group.get(kind, []):
                if converted.get("AcquisitionDate") and converted.get("AcquisitionTime"):
                    is_timed = True
                    yield f"{converted.AcquisitionDate}{converted.AcquisitionTime}"
    if not is_timed and header.get("AcquisitionDateTime"):
        yield str(header.AcquisitionDateTime)


def _decay(header: Dataset, found: Dataset, started: str) -> str:
    """To which moment decay is corrected, as (0054,1102) says it: START, ADMIN or NONE; else the moment itself."""
    if header.DecayCorrected != "YES":
        return "NONE"
    moment = str(header.get("DecayCorrectionDateTime", ""))
    items = found.get("RadiopharmaceuticalInformationSequence") or [Dataset()]
    injected = str(items[0].get("RadiopharmaceuticalStartDateTime", ""))
    known = {injected[:14]: "ADMIN", started[:14]: "START"}
    return known.get(moment[:14], moment[:14])


def _first(places: list[Dataset], *path: str) -> str:
    """The first value found at a path of sequences; "" where there is none."""
    for place in places:
        node = place
        for tag in path[:-1]:
            items = node.get(tag, []) if isinstance(node, pydicom.Dataset) else []
            node = items[0] if len(items) else None
        if node is not None and node.get(path[-1]) not in (None, ""):
            return str(node.get(path[-1]))
    return ""
