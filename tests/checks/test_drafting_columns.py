"""What names and contents of columns tell a draft, and how it writes what is doubtful."""

import pandas as pd
import pytest
from sonimage.checks.drafting.columns.contents import Cells, describe
from sonimage.checks.drafting.columns.day_forms import find_days
from sonimage.checks.drafting.columns.level_codes import code_texts
from sonimage.checks.drafting.columns.naming import is_never_ours, known_names, likeness, read_name
from sonimage.checks.drafting.draft import draft_map
from sonimage.checks.drafting.yaml_lines import scalar
from sonimage.exports import map_text
from sonimage.exports.named_columns import field_of

# Names of English, Dutch, CDISC, Castor, REDCap and LIFEx exports -> our column
NAMES = {
    "Patient ID": "patient_id", "USUBJID": "patient_id", "Studienummer": "patient_id", "record_id": "patient_id", "sonimage_nr": "patient_id",
    "Gerandomiseerd op": "randomisation_date", "rand_dt": "randomisation_date", "RANDDT": "randomisation_date", "overlijdensdatum": "death_date",
    "DTHDTC": "death_date", "Geb.jaar": "birth_year", "ER (%)": "er_percent", "WHO-score": "who_performance_status", "last_fu_dt": "last_contact_date",
    "Laesienummer": "lesion_id", "INFO_NameOfRoi": "lesion_id", "Lokalisatie": "organ", "Kant": "laterality", "Datum CT": "scan_date",
    "Grootte (mm)": "diameter_mm", "TRSTRESN": "diameter_mm", "SUV max": "suvmax", "suvmax_fes": "suvmax", "Max [SUV]": "suvmax",
    "INTENSITY-BASED_MaximumIntensity(IBSI:84IY)[SUV]": "suvmax", "MORPHOLOGICAL_Volume(IBSI:RNU0)[mm3]": "volume_ml", "MTV": "volume_ml",
    "Tijdstip injectie": "injection_time", "Toegediende activiteit (MBq)": "injected_activity_mbq", "Overall response": "overall_response",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_likest_to_the_column_that_it_means(name):
    scores = {column: likeness(name, column) for column in known_names()}
    assert scores[NAMES[name]] == max(scores.values()) >= 0.7


@pytest.mark.parametrize(
    "name", ["remarks", "redcap_event_name", "INFORMATIONS", "Participant Creation Date", "hb_value", "q17"]
)
def test_a_name_that_means_nothing_is_likest_to_no_column(name):
    assert is_never_ours(name) or max(likeness(name, column) for column in known_names()) < 0.7


def test_tracer_and_unit_are_read_from_a_name():
    assert read_name("FES volume (ccm)")[1:] == (("volume",), "FES-PET", "ccm")
    assert read_name("fdg_suvmax")[1:] == (("suvmax",), "FDG-PET", None)
    assert read_name("injected dose [MBq]").unit == "MBq"


# texts, forms, another form that would read them
DAYS = {
    "days above 12": (["20-01-2020", "05-06-2020"], ("%d-%m-%Y",), None),
    "no day above 12": (["05-06-2020", "01-02-2020"], ("%d-%m-%Y",), "%m-%d-%Y"),
    "American": (["05/06/2020", "01/22/2020"], ("%m/%d/%Y",), None),
    "ISO with a time": (["2020-01-20T10:30:00", "2020-01-21"], ("%Y-%m-%d",), None),
    "day and month the same": (["01-01-2020", "05-05-2020"], ("%d-%m-%Y",), None),
    "DICOM": (["20200120", "20201201"], ("%Y%m%d",), None),
    "names of months": (["20 Jan 2020", "1 Feb 2020"], ("%d %b %Y",), None),
    "two forms and Excel's numbers": (["20-01-2020", "01/20/2020", "43850"], ("%d-%m-%Y", "%m/%d/%Y", "excel_serial"), None),
    "sizes": (["12 mm", "13.5", "10-12"], (), None),
}  # fmt: skip


@pytest.mark.parametrize("case", DAYS)
def test_date_forms_are_found_from_all_values_and_an_open_order_is_told(case):
    texts, forms, other = DAYS[case]
    found = find_days(pd.Series(1, index=texts))
    assert found.forms == forms and found.other == other


def content(*texts: str, numbers: tuple = ()):
    return describe("x", Cells(pd.Series(texts, dtype=object), pd.Series(numbers, dtype=float), 0))


def test_decimal_mark_and_codes_for_missing_are_found():
    found = content("2,10", "3", "4,1", "", "onbekend", "999")
    assert (
        found.numbers.decimal == ","
        and found.share_of_numbers == 1
        and sorted(found.missing.index) == ["999", "onbekend"]
    )
    assert content("12", "14", "TSTM", numbers=(9999.0, 20.5)).missing.index.tolist() == ["9999"]
    assert content("-99", "0", "1").has_castor_codes and not content("-99", "-3", "1").has_castor_codes


def coding(table: str, column: str, *texts: str, common: tuple = (), names: dict | None = None):
    return code_texts(field_of(table, column), content(*texts), names or {}, None, frozenset(common))


def test_codes_are_mapped_where_they_are_certain_and_open_where_not():
    assert coding("lesions", "role", "T", "NT", "N").codes == {"N": "NEW", "NT": "NON-TARGET", "T": "TARGET"}
    assert coding("patients", "allocation", "1", "2").open_words == [("1", "most rows"), ("2", "most rows")]
    assert coding("patients", "allocation", "1", "2", names={"1": "Arm A", "2": "Arm B"}).codes == {"1": "A", "2": "B"}
    assert coding("uptake", "visual", "1", "0").codes == {"0": "negative", "1": "positive"}
    assert coding("uptake", "visual", "1", "2", "3").codes == {}
    assert coding("patients", "bone_only", "1", "0").open_words == []
    # 1 beside 2 may be yes beside no, or no beside yes
    assert [word for word, _ in coding("patients", "bone_only", "1", "2").open_words] == ["1", "2"]


def test_a_word_is_shown_only_if_several_patients_have_it():
    found = coding("lesions", "organ", "bot", "okselklier", "Jansen", common=("bot", "okselklier"))
    assert found.open_words == [("okselklier", "some rows")] and found.n_hidden == 1


@pytest.mark.parametrize(
    "text", ["a: b", "# x", "null", "yes", "1", "{N}", "- a", "x\ny", 'a"b', "é", "<<", "a ", "SUV (max)"]
)
def test_any_text_is_read_from_a_map_as_it_is(text, tmp_path):
    (tmp_path / "map.yaml").write_text(f"{{title: {scalar(text)}}}\n", encoding="utf-8")
    assert map_text.read(tmp_path / "map.yaml")[0] == {"title": text}


# file -> lines that the draft must have
DRAFTED = {
    "blocks of lesions": (
        "patient nr;datum FES-PET;L1 FES SUVmax;L1 locatie;L2 FES SUVmax;L2 locatie\nP01;12-03-2020;4,5;bot;3,2;lever\nP02;13-04-2020;2,5;bot;3,9;long\n",
        ['repeat: {"N": ["1", "2"]}', 'lesion_id: {constant: "L{N}"}', 'suvmax: {column: "L{N} FES SUVmax", decimal: ","}', 'organ: "L{N} locatie"'],
    ),
    "blocks of visits": (
        "patient nr;laesie;CT1 datum;CT1 maat (mm);CT2 datum;CT2 maat (mm)\nP01;L1;12-03-2020;14;15-06-2020;12\nP02;L1;13-04-2020;14;25-07-2020;12\n",
        ['scan_date: {column: "CT{N} datum", date: "%d-%m-%Y"}', 'diameter_mm: "CT{N} maat (mm)"', "lesion_id: laesie"],
    ),
    "checkboxes": (
        "id;arm;rand_date;prior_et#Tamoxifen;prior_et#AI;prior_et#None\nP01;A;2020-01-20;1;0;0\nP02;B;2020-01-21;0;0;1\n",
        ['any_of: ["prior_et#Tamoxifen", "prior_et#AI"]', 'none_of: ["prior_et#None"]'],
    ),
    "day or month first": (
        "patient_id;rand_date;arm\nP01;01-02-2020;A\nP02;03-04-2020;B\n",
        ['# randomisation_date: {column: rand_date, date: "%d-%m-%Y"}', "day or month first? every date can be read by %d-%m-%Y and by %m-%d-%Y"],
    ),
    "day or month told by another column": (
        "patient_id;rand_date;death_date\nP01;01-02-2020;25-12-2021\nP02;03-04-2020;\n",
        ['        randomisation_date: {column: rand_date, date: "%d-%m-%Y"}', "day and month as in other columns"],
    ),
    "sizes in words": (
        "patient_id;lesion;datum CT;meting\nP1;L1;20-01-2020;12,5\nP1;L2;20-01-2020;TSTM\nP2;L1;21-01-2020;afwezig\nP2;L2;21-01-2020;8,5\n",
        ["diameter_mm: {column: meting, decimal: \",\", missing: [TSTM, afwezig]}", "codes: {TSTM: TOO SMALL TO MEASURE, afwezig: ABSENT}, otherwise: MEASURED"],
    ),
    "metres and becquerels": (
        "patient_id;scan_date;tracer;height;injected dose\nP1;2020-01-20;FES;1.71;201000000\nP2;2020-01-21;FDG;1.65;190000000\n",
        ["height_cm: {column: height, unit: m}", "injected_activity_mbq: {column: injected dose, unit: Bq}", "modality: {column: tracer, codes: {FDG: FDG-PET, FES: FES-PET}}"],
    ),
    "no tracer": ("patient_id;lesion;scan_date;suvmax\nP1;1;2020-01-20;4.5\nP2;1;2020-01-21;4.6\n", ["# modality: {constant: FES-PET}", "# scan_id: {compose:"]),
}  # fmt: skip


@pytest.mark.parametrize("case", DRAFTED)
def test_a_draft_says(case, tmp_path):
    data, lines = DRAFTED[case]
    (tmp_path / "table.csv").write_text(data)
    text = draft_map(tmp_path)
    assert [line for line in lines if line not in text] == [], text


def test_a_dictionary_of_redcap_gives_codes_their_names(tmp_path):
    (tmp_path / "data.csv").write_text("record_id,q1,q2\n1,1,2020-01-20\n2,2,2020-01-21\n")
    (tmp_path / "dictionary.csv").write_text(
        'Variable / Field Name,Form Name,Field Label,"Choices, Calculations, OR Slider Labels"\n'
        'q1,base,Treatment arm,"1, Arm A | 2, Arm B"\nq2,base,Date of randomisation,\n'
    )
    text = draft_map(tmp_path)
    assert 'allocation: {column: q1, codes: {"1": A, "2": B}}' in text and "randomisation_date: q2" in text


def test_a_key_table_is_found_and_numbers_that_could_be_of_both_columns_are_told(tmp_path):
    (tmp_path / "key.csv").write_text("SONIA nr,SONImage nr\n1,3\n2,1\n3,4\n4,2\n")
    (tmp_path / "base.csv").write_text(
        "patient,randomisation date,arm\n1,2020-01-02,A\n2,2020-01-03,A\n3,2020-01-04,B\n"
    )
    (tmp_path / "pet.csv").write_text("SONIA nr,lesion,scan date,suvmax\n1,1,2020-01-02,4.5\n2,1,2020-01-03,2.5\n")
    text = draft_map(tmp_path)
    assert "sonia: {file: key, from: SONIA nr, to: SONImage nr}" in text
    assert "patient_id: {column: SONIA nr, key: sonia}" in text
    assert "doubtful: could be numbers of 'SONIA nr' as well as of 'SONImage nr'" in text
