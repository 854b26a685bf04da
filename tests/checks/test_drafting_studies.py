"""Drafted maps of whole studies: what they find, that they load, that they hold no value of a patient, what the edits give."""

import re
from pathlib import Path

import other_layouts
import pandas as pd
import plain_study
import pytest
from first_stages import example_stages, run_stages
from other_layouts import study
from project import PROJECT
from sonimage import schemas
from sonimage.checks.drafting.draft import draft_map
from sonimage.exports import maps
from sonimage.exports.named_columns import raw_columns

OWN = ("source_file", "source_row", "source_no")
# Columns of the made-up layouts whose words or codes a map may hold; every other cell is a patient's
CODED = {
    "redcap_event_name", "redcap_repeat_instrument", "redcap_data_access_group", "gender", "rand_arm", "pl_site", "ct_les_loc",
    "ct_les_type", "ct_les_status", "resp_overall", "ev_type", "prior_endo_tx", "ecog_score",
    "Centrum", "Geslacht", "Behandelarm", "Eerdere hormoontherapie", "Lokalisatie", "Kant", "Soort laesie", "Oordeel", "Beoordeling FES",
    "Beoordeling FDG", "Respons", "Gebeurtenis",
    "STUDYID", "DOMAIN", "SITEID", "SEX", "ARMCD", "DSDECOD", "TUTESTCD", "TUSTRESC", "TULOC", "TULAT", "TUEVAL", "TRTESTCD", "TREVAL",
    "RSTESTCD", "RSSTRESC", "RSEVAL",
}  # fmt: skip
# What the comments of each draft ask for: text of the draft -> what a newcomer writes
EDITS = {
    "redcap": [
        ('        # sex:\n        #   column: gender\n        #   codes:\n        #     "2": ?  # most rows\n',
         '        sex: {column: gender, codes: {"2": F}}\n'),
        ('        # allocation:\n        #   column: rand_arm\n        #   codes:\n        #     "1": ?  # most rows\n        #     "2": ?  # some rows\n',
         '        allocation: {column: rand_arm, codes: {"1": A, "2": B}}\n'),
        *[(f"        # organ:\n        #   column: {column}\n        #   codes:\n" + "".join(f'        #     "{n}": ?  # some rows\n' for n in "1234"),
           f'        organ: {{column: {column}, codes: {{"1": bone, "2": lymph node, "3": liver, "4": lung}}}}\n')
          for column in ("ct_les_loc", "pl_site")],
        ('        # is_node: {column: ct_les_loc, codes: {"?": "true"}, otherwise: "false"}\n',
         '        is_node: {column: ct_les_loc, codes: {"2": "true"}, otherwise: "false"}\n'),
        ('        # overall_response:\n        #   column: resp_overall\n        #   codes:\n        #     "2": ?  # some rows\n        #     "3": ?  # most rows\n        #     "4": ?  # some rows\n',
         '        overall_response: {column: resp_overall, codes: {"2": PR, "3": SD, "4": PD}}\n'),
        ('        # event:\n        #   column: ev_type\n        #   codes:\n        #     "2": ?  # most rows\n',
         '        event: {column: ev_type, codes: {"2": NEW THERAPEUTIC AGENT}}\n'),
    ],
    "workbook": [],
    "sdtm": [
        ("        # allocation:\n        #   column: ARMCD\n        #   codes:\n        #     CDK1: ?  # most rows\n        #     NSAI1: ?  # some rows\n",
         "        allocation: {column: ARMCD, codes: {CDK1: A, NSAI1: B}}\n"),
    ],
}  # fmt: skip
# Columns that a layout does not have
ABSENT = {
    "redcap": {"lesions": ["laterality"]},
    "workbook": {},
    "sdtm": {"patients": ["er_percent", "who_performance_status", "prior_endocrine_therapy", "last_contact_date"]},
}


@pytest.fixture(scope="module")
def drafts(tmp_path_factory) -> dict[str, tuple[Path, str]]:
    """Layout -> its folder and its draft."""
    root = tmp_path_factory.mktemp("layouts")
    folders = {layout: getattr(other_layouts, f"write_{layout}")(root / layout) for layout in EDITS}
    return {layout: (folder, draft_map(folder)) for layout, folder in folders.items()}


def columns_read(export_map: dict) -> set[tuple[str, str, str]]:
    """Table, our column and raw column of every pair of a map."""
    return {
        (table, ours, raw)
        for table, sources in export_map["tables"].items()
        for source in sources
        for ours, entry in source["columns"].items()
        for raw in raw_columns(entry)
    }


def load(text: str, folder: Path) -> dict:
    """A map from its text."""
    (folder / "map.yaml").write_text(text, encoding="utf-8")
    return maps.load(folder / "map.yaml")


def edited(text: str, changes: list[tuple[str, str]]) -> str:
    """The text with every change made; what a change replaces must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def plain(tables: dict[str, pd.DataFrame], absent: dict[str, list[str]]) -> dict[str, pd.DataFrame]:
    """The tables in one order, without their origin and without columns that one side does not have.

    Of the number of a scan only modality and day: it is made of the number that the patient has in the file.
    """
    found = {}
    for name, frame in tables.items():
        frame = frame.drop(columns=[*OWN, *absent.get(name, [])]).dropna(axis=1, how="all")
        frame = frame.assign(scan_id=frame["scan_id"].str.split(" ", n=1).str[1]) if "scan_id" in frame else frame
        found[name] = frame.sort_values([*schemas.primary_key(name), "patient_id"], ignore_index=True)
    return found


def cells(folder: Path) -> set[str]:
    """Cells of the raw files that are a patient's own: numbers of patients and lesions, dates, sizes, remarks."""
    found = set()
    for path in folder.iterdir():
        frames = (
            [pd.read_csv(path, dtype=str)]
            if path.suffix == ".csv"
            else list(pd.read_excel(path, sheet_name=None, dtype=str).values())
        )
        frames = [frame if "Unnamed: 1" not in frame else _below_titles(frame) for frame in frames]
        found |= {
            text
            for frame in frames
            for column in frame
            if column not in CODED
            for text in frame[column].dropna().unique()
        }
    return found


def _below_titles(frame: pd.DataFrame) -> pd.DataFrame:
    header = next(row for row in range(len(frame)) if frame.iloc[row].notna().sum() > 2)
    return frame.iloc[header + 1 :].set_axis(frame.iloc[header].tolist(), axis=1)


@pytest.mark.slow
def test_the_draft_of_the_example_finds_every_column_of_its_map_and_gives_the_same_study(tmp_path):
    """The word lists were written with these names at hand; other_layouts are a fairer test."""
    drafted = load(draft_map(PROJECT / "data/example"), tmp_path)
    assert columns_read(drafted) == columns_read(maps.load(PROJECT / "config/exports/sonimage.yaml"))
    linked, expected = run_stages(PROJECT / "data/example", drafted).linked.tables, example_stages().linked.tables
    unlike = {
        (name, column)
        for name in expected
        for column in expected[name]
        if not linked[name][column].equals(expected[name][column])
    }
    # What its comments ask for: are all patients women, complete partial dates, what does the code 9 of the visual call mean
    assert unlike == {("patients", "sex"), ("patients", "death_date"), ("uptake", "visual")}


def test_the_draft_of_the_plain_layout_gives_the_study_of_its_map(tmp_path):
    for folder in (plain_study.write_study(tmp_path / "two"), other_layouts.write_plain(tmp_path / "twelve")):
        found = run_stages(folder, load(draft_map(folder), tmp_path)).linked.tables
        expected = run_stages(folder, maps.load(plain_study.PLAIN)).linked.tables
        for name in expected:
            pd.testing.assert_frame_equal(found[name], expected[name])


@pytest.mark.parametrize("layout", EDITS)
def test_a_draft_loads_unedited_and_after_the_edits_it_asks_for_gives_the_study(layout, drafts, tmp_path):
    folder, text = drafts[layout]
    load(text, tmp_path)
    found = run_stages(folder, load(edited(text, EDITS[layout]), tmp_path)).linked.tables
    source = other_layouts.write_plain(tmp_path / "plain")
    expected = run_stages(source, maps.load(plain_study.PLAIN)).linked.tables
    there = {name: frame for name, frame in expected.items() if layout != "sdtm" or name not in ("uptake", "events")}
    found = plain({name: found[name] for name in there}, ABSENT[layout])
    for name, frame in plain(there, ABSENT[layout]).items():
        if layout == "sdtm" and name == "scans":
            frame = frame[frame["modality"] == "CT"].reset_index(drop=True)
        if layout == "redcap" and name == "patients":
            frame = frame.assign(centre=frame["centre"].str.lower())
        pd.testing.assert_frame_equal(found[name], frame, check_like=True)


@pytest.mark.parametrize("layout", EDITS)
def test_a_draft_holds_no_value_of_a_patient(layout, drafts):
    folder, text = drafts[layout]
    own = {cell for cell in cells(folder) if len(cell) > 2} - {*schemas.levels("measurements", "state")}
    assert len(own) > 80
    assert [cell for cell in own if re.search(rf"(?<!\w){re.escape(cell)}(?!\w)", text)] == []


def test_a_draft_is_the_same_each_time(drafts):
    folder, text = drafts["workbook"]
    assert draft_map(folder) == text


def test_the_layouts_tell_one_study():
    known = study()
    assert [len(known[name]) for name in ("patients", "lesions", "scans")] == [12, 36, 60]
