"""Codes, words of one hospital, booleans, checkboxes, and values that stand in one of several columns."""

import pytest
from delivered import clean, load_map, values
from sonimage.faults import FaultError

# A column of patients, read from raw columns a, b, c of one row: its entry in the map, the cells, the value (None: empty), whether it is asked about
VALUES = [
    # codes: any case and outer blanks
    ("allocation", "{column: a, codes: {arm 1: A, arm 2: B}}", "ARM 1,,", "A", False),
    ("allocation", "{column: a, codes: {x: A, X: B}}", "X,,", "B", False),
    ("allocation", "{column: a, codes: {x: A, X: A}}", "X ,,", "A", False),
    ("allocation", "{column: a, codes: {y: A, Y: B, yy: A}}", "Yy,,", "A", False),
    ("death_date", "{column: a, missing: [Onbekend]}", "ONBEKEND,,", None, False),
    ("centre", "{column: a, missing: [NA]}", "na,,", "na", False),
    ("allocation", "{column: a, codes: {x: A, nvt: null}}", "NVT,,", None, False),
    # YAML's own true, false and numbers
    ("bone_only", "{column: a, codes: {ja: true, 1: false, 01: true, no: false}}", "1,,", False, False),
    ("bone_only", "{column: a, codes: {ja: true, 1: false, 01: true, no: false}}", "01,,", True, False),
    ("bone_only", "{column: a, codes: {ja: true, 1: false, 01: true, no: false}}", "No,,", False, False),
    ("bone_only", "{column: a, codes: {true: 1, 1: 0}}", "TRUE,,", True, False),
    ("er_percent", "{column: a, missing: [-99, 1.0]}", "-99,,", None, False),
    ("er_percent", "{column: a, missing: [-99, 1.0]}", "1,,", 1.0, False),
    # the usual booleans
    *[("bone_only", "a", f"{word},,", True, False) for word in ("True", "yes", "Y", "JA", "j", "1")],
    *[("bone_only", "a", f"{word},,", False, False) for word in ("false", "No", "n", "Nee", "0")],
    ("bone_only", "a", "onbekend,,", None, True),
    ("bone_only", "{column: a, codes: {aanwezig: true}}", "J,,", True, False),
    ("bone_only", "{column: a, codes: {1: true, 2: false}}", "0,,", None, True),
    # the first that is filled
    ("death_date", "{columns: [a, b]}", ",2020-01-02,", "2020-01-02", False),
    ("death_date", "{columns: [a, b]}", "2020-01-01,2020-01-02,", "2020-01-01", False),
    ("er_percent", "{columns: [a, b, c], missing: ['-99']}", "-99,,7", 7.0, False),
    ("er_percent", "{columns: [a, b], missing: ['-99']}", "-99,,7", None, False),
    ("er_percent", "{columns: [a, b]}", "x,7,", None, True),
    # a column that refers to another one
    ("er_percent", "{column: a, see: {'-': b}, missing: [*]}".replace("*", "'?'"), "-,80,", 80.0, False),
    ("er_percent", "{column: a, see: {Zie B: b}}", "zie b ,80,", 80.0, False),
    ("er_percent", "{column: a, see: {'': b}}", ",80,", 80.0, False),
    ("allocation", "{column: a, see: {'-': b}, codes: {x: A}, otherwise: B}", "17,,", "B", False),
    ("allocation", "{column: a, see: {'-': b}, codes: {x: A}, otherwise: B}", "-,X,", "A", False),
    ("allocation", "{column: a, see: {'-': b}, codes: {x: A}, otherwise: B}", "-,y,", None, True),
    ("allocation", "{column: a, see: {'-': b}, codes: {x: A}, otherwise: B}", "-,,", None, False),
    # checkboxes
    ("bone_only", "{any_of: [a, b], none_of: [c]}", "0,1,0", True, False),
    ("bone_only", "{any_of: [a, b], none_of: [c]}", "0,0,1", False, False),
    ("bone_only", "{any_of: [a, b], none_of: [c]}", "0,0,0", None, False),
    ("bone_only", "{any_of: [a, b], none_of: [c]}", ",,", None, False),
    ("bone_only", "{any_of: [a, b], none_of: [c]}", ",x,", True, False),
    ("bone_only", "{any_of: [a, b], none_of: [c]}", "Checked,Unchecked,Unchecked", True, False),
    ("bone_only", "{any_of: [a, b], none_of: [c], missing: ['-99']}", "-99,-99,-99", None, False),
    ("bone_only", "{any_of: [a, b], none_of: [c], missing_codes: castor}", "-99,1,-99", True, False),
    ("bone_only", "{any_of: [a, b], none_of: [c]}", "1,0,1", None, True),
    ("bone_only", "{any_of: [a, b], none_of: [c]}", "2,0,0", None, True),
    ("bone_only", "{any_of: [a]}", "0,,", None, False),
    ("allocation", "{any_of: [a], none_of: [b], codes: {true: A, false: B}}", "0,1,", "B", False),
]  # fmt: skip

MAP = "title: a\nfiles: {{p: {{path: p.csv}}}}\ntables: {{patients: [{{file: p, columns: {{patient_id: id, {}: {}}}}}]}}\n"


@pytest.mark.slow
@pytest.mark.parametrize("column, entry, cells, value, is_asked", VALUES)
def test_a_value_stands_where_the_map_says(tmp_path, column, entry, cells, value, is_asked):
    cleaned, _ = clean(tmp_path, MAP.format(column, entry), p_csv=f"id,a,b,c\nP1,{cells}\n")
    found = cleaned["patients"]
    assert values(found.table, column) == [[value]] and found.queries.empty != is_asked


def test_stage_1_shows_boxes_as_delivered_and_which_column_a_text_is_from(tmp_path):
    text = MAP.format("bone_only", "{any_of: [a], none_of: [b]}, er_percent: {columns: [b, c]}")
    _, imported = clean(tmp_path, text, p_csv="id,a,b,c\nP1,1,0,7\nP2,,,7\n")
    shown = imported.tables["patients"]
    assert shown["bone_only"].tolist() == ["a=1; b=0", ""]
    assert values(shown, "er_percent", "er_percent_read_from") == [["0", "b"], ["7", "c"]]


def test_words_without_a_code_are_named_with_what_is_accepted(tmp_path):
    text = MAP.format("allocation", "{column: a, codes: {een: A}}, bone_only: b")
    found = clean(tmp_path, text, p_csv="id,a,b\nP1,twee,ja\nP2,B,onbekend\n")[0]["patients"].queries
    assert found["observed"].tolist() == ["twee", "onbekend"]
    assert "Without a code: 'twee'. Accepted: een | B | A." in found["remedy"].iloc[0]
    assert "Without a code: 'onbekend'. Accepted: true/false, yes/no, ja/nee, j/n, 1/0" in found["remedy"].iloc[1]


@pytest.mark.parametrize(
    "cells",
    [["Jansen, 01-02-1950"], [f"w{number}" for number in range(11)], ["a remark of a reader about this side"]],
)
def test_texts_of_a_free_column_that_was_mapped_by_mistake_are_not_shown(tmp_path, cells):
    rows = "".join(f'P{number},"{cell}"\n' for number, cell in enumerate(cells))
    found = clean(tmp_path, MAP.format("allocation", "a"), p_csv=f"id,a\n{rows}")[0]["patients"].queries
    assert not found["remedy"].str.contains("|".join(cells)).any() and not found["observed"].isin(cells).any()
    assert found["remedy"].str.contains("is it the right column").all()


WORDS = """
title: words
{}
files: {{l: {{path: l.csv}}}}
tables:
  lesions:
    - file: l
      columns: {{patient_id: id, lesion_id: les, organ: {}, laterality: side}}
"""


@pytest.mark.parametrize(
    "top, organ",
    [
        ("words: {mid: midline, Halsklier: lymph node}", "organ"),
        ("words: {organ: {halsklier: lymph node}, laterality: {mid: midline}}", "organ"),
        ("words: {mid: midline}", "{column: organ, words: {halsklier: lymph node}}"),
        ("words: {mid: midline, halsklier: bone}", "{column: organ, words: {halsklier: lymph node}}"),
    ],
)
def test_words_of_one_hospital_are_said_in_its_map(tmp_path, top, organ):
    data = "id,les,organ,side\nP1,1, halsKLIER,MID\nP1,2,bot,links\n"
    found = clean(tmp_path, WORDS.format(top, organ), l_csv=data)[0]["lesions"]
    assert (
        values(found.table, "organ", "laterality") == [["lymph node", "midline"], ["bone", "left"]]
        and found.queries.empty
    )


@pytest.mark.parametrize(
    "text, words",
    [
        (WORDS.format("words: {mid: midlin}", "organ"), "no column has the level 'midlin'. Did you mean 'midline'"),
        (WORDS.format("words: {organs: {mid: midline}}", "organ"), "neither a column with levels nor a vocabulary"),
        (WORDS.format("", "{column: organ, words: {klier: node station}}"), "'node station' is no level. Allowed: bone, lymph node"),
        (WORDS.format("", "{column: organ, codes: {klier: node station}}"), "organ/codes/klier: 'node station' is no level"),
        (WORDS.format("", "{column: organ, columns: [organ, side]}"), "column and columns together"),
        (WORDS.format("", "{columns: [organ], see: {'-': side}}"), "`see` without `column`"),
        (MAP.format("bone_only", "{column: a, codes: {1: misschien}}"), "'misschien' is no level. Allowed: true/false"),
        (MAP.format("er_percent", "{column: a, unit: perc}"), "the unit 'perc' is not known here. Allowed: percent, fraction"),
        (MAP.format("er_percent", "{column: a, words: {veel: '90'}}"), "`words` for a column without levels"),
    ],
)  # fmt: skip
def test_words_that_lead_to_no_level_are_faults_of_the_map(tmp_path, text, words):
    with pytest.raises(FaultError) as stopped:
        load_map(tmp_path, text)
    assert words in str(stopped.value)
