"""SAS transport files."""

import numpy as np
import pandas as pd
import pyreadstat
from exports.raw_files import cells, read


def test_a_transport_file_keeps_zero_empty_and_text(tmp_path):
    frame = pd.DataFrame({"USUBJID": ["01", "02"], "AVAL": [0.0, np.nan], "DAY": [19725.0, 12.25]})
    pyreadstat.write_xport(frame, tmp_path / "adtte.xpt", table_name="ADTTE", file_format_version=5)
    found = read((tmp_path / "adtte.xpt").read_bytes(), "adtte.xpt")
    assert cells(found) == [["01", "0", "19725"], ["02", "", "12.25"]]
