"""Raw files as the adapters read them, and headers of PET scans to be read."""

from io import BytesIO

import pandas as pd
import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid
from sonimage.exports.formats import ADAPTERS, format_of


def read(data: bytes, name: str = "raw.csv", **entry) -> pd.DataFrame:
    return ADAPTERS[format_of(name, entry)](BytesIO(data), name, entry)


def cells(frame: pd.DataFrame) -> list[list[str]]:
    return frame.drop(columns=["source_file", "source_row"]).astype(object).to_numpy().tolist()


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
