"""Small deliveries as hospitals send them, retyped from their descriptions, each with the right answer."""

from datetime import datetime

from delivered import load_map, values, workbook
from first_stages import run_stages

CT = [
    ["Nr", "CT datum", "Laesie", "Maat (mm)", "Oordeel", "Orgaan", "Som"],
    ["P01", datetime(2020, 1, 20), 1, 40.5, None, "lever", "=SUM(D2:D2)"],
    [None, "20-04-2020", 1, "20,5", None, "Lever ", "=SUM(D3:D3)"],
    [None, 44032, 1, 30, None, "LEVER", "=SUM(D4:D4)"],
    [None, datetime(2020, 1, 20), 2, "-", "aanwezig", "bot", "=SUM(D5:D5)"],
    [None, datetime(2020, 4, 20), 2, "-", "verdwenen", "bot", "=SUM(D6:D6)"],
    ["P02", datetime(2020, 1, 20), 1, 22, None, "klier", "=SUM(D7:D7)"],
    [None, datetime(2020, 4, 20), 1, "TSTM", None, "klier", "=SUM(D8:D8)"],
    [None, datetime(2020, 7, 20), 1, "ne", None, "klier", "=SUM(D9:D9)"],
]
CT_MAP = """
title: a CT table in blocks of merged cells
words: {klier: lymph node}
files: {ct: {path: ct.xlsx, sheet: CT, fill_down: [Nr]}}
tables:
  patients:
    - {file: ct, distinct: true, columns: {patient_id: Nr}}
  scans:
    - file: ct
      distinct: true
      columns:
        patient_id: Nr
        modality: {constant: CT}
        scan_date: &day {column: CT datum, date: ["%d-%m-%Y", excel_serial]}
        scan_id: &scan {compose: [patient_id, modality, scan_date]}
  lesions:
    - file: ct
      distinct: true
      columns: {patient_id: Nr, lesion_id: Laesie, organ: Orgaan, role: {constant: TARGET}}
  measurements:
    - file: ct
      columns:
        patient_id: Nr
        lesion_id: Laesie
        modality: {constant: CT}
        scan_date: *day
        scan_id: *scan
        diameter_mm: {column: Maat (mm), decimal: ",", missing: ["-", TSTM, NE]}
        state:
          column: Maat (mm)
          see: {"-": Oordeel}
          codes: {TSTM: TOO SMALL TO MEASURE, NE: NOT EVALUABLE, aanwezig: PRESENT, verdwenen: ABSENT}
          otherwise: MEASURED
"""


def test_a_ct_table_in_blocks_with_typed_cells(tmp_path):
    (tmp_path / "ct.xlsx").write_bytes(workbook(*CT))
    found = run_stages(tmp_path, load_map(tmp_path, CT_MAP))
    shown = found.linked.tables["measurements"].sort_values(["patient_id", "lesion_id", "scan_id"])
    assert values(shown, "patient_id", "lesion_id", "scan_id", "diameter_mm", "state") == [
        ["P01", "1", "P01 CT 2020-01-20", 40.5, "MEASURED"],
        ["P01", "1", "P01 CT 2020-04-20", 20.5, "MEASURED"],
        ["P01", "1", "P01 CT 2020-07-20", 30, "MEASURED"],
        ["P01", "2", "P01 CT 2020-01-20", None, "PRESENT"],
        ["P01", "2", "P01 CT 2020-04-20", None, "ABSENT"],
        ["P02", "1", "P02 CT 2020-01-20", 22, "MEASURED"],
        ["P02", "1", "P02 CT 2020-04-20", None, "TOO SMALL TO MEASURE"],
        ["P02", "1", "P02 CT 2020-07-20", None, "NOT EVALUABLE"],
    ]  # fmt: skip
    assert values(found.linked.tables["lesions"], "patient_id", "lesion_id", "organ") == [
        ["P01", "1", "liver"], ["P01", "2", "bone"], ["P02", "1", "lymph node"],
    ]  # fmt: skip
    assert all(one.queries.empty for one in found.cleaned.values()) and found.linked.queries.empty


PET = """subject,lesion,tracer,scan_date,suvmax,visual,prior#tamoxifen,time
P01,1,FES,20-01-2020,4.10,Pos,,085657.250000
P01,1,FDG,43850,10.46,pos ,x,132816
P01,2,FES,01/20/2020,"0,9",NEG,,
P01,2,FES,01/20/2020,1.9,NEG,,
P02,1,FES,20-01-2020,9999,nb,,
P02,1,FDG,05/06/2020,3.3,pos,,
"""
PET_MAP = """
title: a long table of PET readings
files: {pet: {path: pet.csv}}
tables:
  patients:
    - {file: pet, distinct: true, columns: {patient_id: subject}}
  scans:
    - file: pet
      distinct: true
      columns:
        patient_id: subject
        modality: &modality {column: tracer, codes: {FES: FES-PET, FDG: FDG-PET}}
        scan_date: &day {column: scan_date, date: ["%d-%m-%Y", "%m/%d/%Y", excel_serial]}
        scan_id: &scan {compose: [patient_id, modality, scan_date]}
        acquisition_time: time
  lesions:
    - {file: pet, distinct: true, columns: {patient_id: subject, lesion_id: lesion, organ: {constant: bone}}}
  uptake:
    - file: pet
      columns:
        patient_id: subject
        lesion_id: lesion
        modality: *modality
        scan_date: *day
        scan_id: *scan
        suvmax: {column: suvmax, missing: [9999]}
        visual: {column: visual, codes: {pos: positive, neg: negative, nb: not evaluable}}
"""


def test_a_long_pet_table_with_three_date_forms(tmp_path):
    (tmp_path / "pet.csv").write_text(PET)
    found = run_stages(tmp_path, load_map(tmp_path, PET_MAP))
    tables = found.linked.tables
    assert values(tables["uptake"], "patient_id", "lesion_id", "scan_id", "suvmax", "visual") == [
        ["P01", "1", "P01 FDG-PET 2020-01-20", 10.46, "positive"],
        ["P01", "1", "P01 FES-PET 2020-01-20", 4.10, "positive"],
        ["P02", "1", "P02 FDG-PET 2020-05-06", 3.3, "positive"],
        ["P02", "1", "P02 FES-PET 2020-01-20", None, "not evaluable"],
    ]
    times = tables["scans"].set_index("scan_id")["acquisition_time"]
    assert times["P01 FES-PET 2020-01-20"] == "08:56:57" and times["P01 FDG-PET 2020-01-20"] == "13:28:16"
    assert ["P01", "2"] in values(tables["lesions"], "patient_id", "lesion_id")
    asked = found.linked.queries[found.linked.queries["rule_id"] == "READINGS_CONTRADICT"]
    assert len(asked) == 1 and asked["source_row"].iloc[0] in (4, 5)


BOXES = """id;prior_et#Tamoxifen;prior_et#AI;prior_et#None;denovo;visceraal
P01;1;0;0;1;ja
P02;0;0;1;1;nee
P03;0;0;0;0;J
P04;-99;-99;-99;0;onbekend
"""
BOX_MAP = """
title: checkboxes of Castor
files: {p: {path: p.csv, delimiter: ";"}}
tables:
  patients:
    - file: p
      columns:
        patient_id: id
        prior_endocrine_therapy: {any_of: ["prior_et#Tamoxifen", "prior_et#AI"], none_of: ["prior_et#None"], missing_codes: castor}
        de_novo_metastatic: denovo
        visceral_disease: VISCERAL
"""


def test_checkboxes_and_words(tmp_path):
    (tmp_path / "p.csv").write_text(BOXES)
    for visceral in ("visceraal", "{column: visceraal, codes: {ja: true, nee: false}}"):
        found = run_stages(tmp_path, load_map(tmp_path, BOX_MAP.replace("VISCERAL", visceral))).cleaned["patients"]
        assert values(found.table, "prior_endocrine_therapy", "de_novo_metastatic", "visceral_disease") == [
            [True, True, True], [False, True, False], [None, False, True], [None, False, None],
        ]  # fmt: skip
        assert found.queries[["column", "observed"]].to_numpy().tolist() == [["visceral_disease", "onbekend"]]
        assert "true/false, yes/no, ja/nee" in found.queries["remedy"].iloc[0]
