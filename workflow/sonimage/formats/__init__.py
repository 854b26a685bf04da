"""Adapters, one per file format: each reads one raw file strictly into text.

An adapter is a function `read(path, name, entry)`: the file, its name below the raw folder, its entry in the map.
It returns one row per record with the raw headers as columns, every cell as text ("" where empty), and
`source_file` and `source_row`; it raises FaultError with all faults of the file. To add a format, write a module with
such a function and name it in `ADAPTERS`.
"""

from sonimage.formats import delimited, dicom, transport, worksheet

ADAPTERS = {
    "delimited": delimited.read,
    "worksheet": worksheet.read,
    "transport": transport.read,
    "dicom": dicom.read,
}
