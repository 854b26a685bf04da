"""How the files of a folder are laid out, which names may be written, and folders that try to lead a draft astray."""

import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from sonimage.checks.drafting.draft import draft_map
from sonimage.checks.drafting.layouts import paths, text
from sonimage.checks.drafting.layouts.headers import find_header
from sonimage.exports import maps
from sonimage.faults import FaultError

# data, settings found
TEXTS = {
    "comma, UTF-8": (b"a,b\n1,2\n", {}),
    "Castor": (b'\xef\xbb\xbf"a";"b";\n"1";"2";\n', {"delimiter": ";", "trailing_empty_column": True}),
    "a delimiter too many in data lines alone": (b"a;b\n1;2;\n3;4;\n", {"delimiter": ";", "trailing_empty_column": True}),
    "decimal commas": (b"a;b;c\n1,5;2,5;x\n3,5;4,5;y\n", {"delimiter": ";"}),
    "cp1252 and tabs": ("a\tb\nRené\t2\n".encode("cp1252"), {"delimiter": "\t", "encoding": "cp1252"}),
    "titles above the header": (b"Study of today;;\nmade by x;;\n\na;b;c\n1;2;3\n4;5;6\n", {"delimiter": ";", "header_row": 4}),
    "titles of one cell": (b"Dataset\n\na,b,c\n1,2,3\n4,5,6\n", {"header_row": 3}),
    "a mark as a name": (b"#,patient,size\n1,P1,12.5\n2,P2,13.5\n", {}),
    "comments": (b"# made by x\n# today\na,b\n1,2\n", {"comment": "#"}),
    "a header alone": (b"patient_id,scan_date\n", {}),
    "no header": (b"GR-1041,bot,links,T\nGR-1077,lever,links,T\nGR-1093,bot,rechts,NT\n", None),
    "no header, dates": (b"GR-1041,12-03-2021,2.5\nGR-1077,13-03-2021,2.5\n", None),
    "prose": (b"Dear all\nplease find the data, as agreed\nregards\n", None),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXTS)
def test_encoding_delimiter_and_header_of_a_text_are_found(case):
    data, settings = TEXTS[case]
    assert text.layout_of(data) == settings


def test_a_header_of_dates_is_none_since_it_would_show_days_of_patients():
    assert find_header([["patient", "12-03-2021", "15-06-2021"], ["P1", 12.5, 13.5]]) is None
    assert find_header([["CT sizes", None], [None, None], ["patient", "size"], ["P1", 12.5]]) == 2


def test_a_path_loses_the_stamp_of_its_export_unless_other_files_would_match():
    files = ["S_export_20240101/S_export_20240101.csv", "S_export_20240101/S_forms_export_20240101.csv"]
    assert paths.pattern_of(files[0], files) == "S_export_*/S_export_*.csv"
    assert paths.pattern_of("a_20240101.csv", ["a_20240101.csv", "a_20240201.csv"]) == "a_20240101.csv"
    assert paths.pattern_of("ct GR1041.csv", ["ct GR1041.csv"], {"GR1041"}) == "ct *.csv"
    assert paths.pattern_of("GR1041.csv", ["GR1041.csv", "GR1077.csv"], {"GR1041", "GR1077"}) is None


PATIENTS = {
    "GR1041": "Jansen",
    "GR1077": "de Vries",
    "GR1093": "Bakker",
    "GR1102": "Visser",
    "GR1115": "Smit",
    "GR1160": "Meijer",
}


def workbook(sheets: dict[str, list[list]]) -> bytes:
    book, data = openpyxl.Workbook(), BytesIO()
    del book["Sheet"]
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(data)
    return data.getvalue()


def odd_folder(folder: Path) -> Path:
    """Files that hold names and numbers of patients where a map would write names of files, sheets, columns and codes."""
    columns = ["Patient nr", "Laesie", "Datum CT", "Maat (mm)"]
    rows = {who: [who, "L1", "2021-05-16", 12.5] for who in PATIENTS}
    files = {
        "no header.csv": "\n".join(f"{who},{name},bot,links" for who, name in PATIENTS.items()),
        "names as organs.csv": "patient_id,lesion_id,organ,side\n" + "\n".join(f"{who},L{n},{name},{name}" for who, name in PATIENTS.items() for n in range(5)),
        "series.csv": "patient_id,scan_date,series,scanner\n" + "\n".join(f"{who},2021-03-04,FES PET {name},X" for who, name in PATIENTS.items()),
        "GR1041 arm.csv": "patient_id,arm\nGR1041,A\nGR1077,B\n",
        "hostile.csv": '"patient: id","# lesion","{x}: [y]","suv max\n(g/ml)","- organ","datum, PET","null"\n'
        + "\n".join(f"{who},L1,3,{n}.5,bot,2021-03-{n + 10},ja" for n, who in enumerate(PATIENTS)),
        "sheets.xlsx": workbook({who: [columns, row] for who, row in rows.items()}),
        "days.xlsx": workbook({"CT": [["Patient nr", "Laesie", "12-03-2021", "15-06-2021"], *([who, "L1", 1.5, 2.5] for who in PATIENTS)]}),
        "letter.pdf": b"%PDF\0", "empty.csv": "", "broken.xlsx": b"x", "broken.zip": b"PKx", "broken.json": "{", "broken.sav": b"x",
        "broken.dcm": b"x", "utf16.csv": "a,b\n1,2\n".encode("utf-16"), "cut off.csv": 'a,b\n"x,1\n2,3\n', "a[1].csv": "patient_id,er %\nGR1041,80\nGR1077,70\n",
    }  # fmt: skip
    files |= {
        f"one each/{name}.xlsx": workbook({f"CT {name}": [[f"CT of {name}"], columns, rows[who]]})
        for who, name in PATIENTS.items()
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_names_and_numbers_of_patients_are_written_nowhere_and_any_name_of_a_column_loads(tmp_path):
    text = draft_map(odd_folder(tmp_path / "odd"))
    own = [*PATIENTS, *PATIENTS.values(), "12-03-2021", "15-06-2021", "2021-05-16"]
    assert [value for value in own if value in text] == []
    (tmp_path / "map.yaml").write_text(text, encoding="utf-8")
    drafted = maps.load(tmp_path / "map.yaml")
    assert drafted["files"]["a_1"]["path"] == "a[[]1].csv"
    assert {entry["path"] for entry in drafted["files"].values()} >= {"one each/*.xlsx", "* arm.csv", "sheets.xlsx"}
    hostile = next(one for one in drafted["tables"]["uptake"] if one["file"] == "hostile")
    assert hostile["columns"]["suvmax"] == {"column": "suv max\n(g/ml)"}


def test_members_of_an_archive_are_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "castor.zip", "w") as archive:
        archive.writestr(
            "S_20240101/S_study_export_20240101.csv",
            '"Participant Id";"rand_date"\n"A1";"14-02-2021"\n"A2";"15-02-2021"\n',
        )
    (tmp_path / "map.yaml").write_text(draft_map(tmp_path), encoding="utf-8")
    drafted = maps.load(tmp_path / "map.yaml")
    (entry,) = drafted["files"].values()
    assert entry == {"path": "castor.zip", "member": "S_*/S_study_export_*.csv", "delimiter": ";"}
    assert drafted["tables"]["patients"][0]["columns"]["randomisation_date"] == {
        "column": "rand_date",
        "date": "%d-%m-%Y",
    }


def test_an_empty_folder_gives_an_empty_map_that_loads_and_an_absent_one_a_sentence(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "map.yaml").write_text(draft_map(tmp_path / "empty"), encoding="utf-8")
    assert maps.load(tmp_path / "map.yaml")["tables"] == {}
    with pytest.raises(FaultError, match="no such folder"):
        draft_map(tmp_path / "absent")
