"""Damaged deliveries: each ends in a precise fault, a query or a row set aside; none changes a result in silence.

`pytest -s tests/test_damaged_exports.py` prints the table damage -> outcome. The delivery is a simulated study of ten
patients in the layouts of the example, and with Castor's files in their ZIP.
"""

import csv
import io
import itertools
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pydicom
import pytest
import yaml
from project import PROJECT
from sonimage import schemas
from sonimage.cleaning import plausibility, typed_tables
from sonimage.cleaning.queries import collect
from sonimage.exports import importing, maps
from sonimage.exports.sources import stack
from sonimage.faults import FaultError
from sonimage.linking import cross_checks, lesion_matching, one_study, pet_baselines, study_numbers, visits
from sonimage.linking.reader_decisions import note_decisions
from sonimage.simulate.study import simulate_study

MAP = PROJECT / "config/exports/sonimage.yaml"
CASTOR = "castor/SONIA_study_csv_export_20251001120000/SONIA_study_{}export_20251001.csv"
STUDY, EVENTS, ASSESSMENTS = (CASTOR.format(part) for part in ("", "Events_", "Assessments_"))
KEYS, UMCG, LIFEX, SCORES = (
    "linkage/key_table.csv",
    "pet/UMCG_pet_lesions.csv",
    "pet/VUMC_lifex.csv",
    "pet/VUMC_visual_scores.csv",
)
SHEET = "ct/RECIST_worksheet.xlsx"
SUVMAX, SUVMEAN = "INTENSITY-BASED_MaximumIntensity(IBSI:84IY)[SUV]", "INTENSITY-BASED_MeanIntensity(IBSI:Q4LE)[SUV]"


# ---- what a hand, a program or a transfer does to a file -----------------------------------------------------------


def text_of(folder: Path, file: str) -> str:
    return (folder / file).read_text(encoding="utf-8")


def rewrite(file: str, change, encoding: str = "utf-8"):
    return lambda folder: (folder / file).write_bytes(change(text_of(folder, file)).encode(encoding))


def rows_of(text: str, file: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter="," if file in (KEYS, LIFEX, SCORES) else ";"))


def joined(rows: list[list[str]], file: str) -> str:
    out = io.StringIO()
    delimiter = "," if file in (KEYS, LIFEX, SCORES) else ";"
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def grid(file: str, change):
    """Change the rows of a delimited file (header first)."""

    def damage(folder: Path) -> None:
        rows = rows_of(text_of(folder, file), file)
        (folder / file).write_text(joined(change(rows) or rows, file), encoding="utf-8")

    return damage


def cell(file: str, column: str, value, row: int = 1):
    """Put a value into the first cell of a column, from `row` on, that holds something."""

    def change(rows: list[list[str]]) -> None:
        at = rows[0].index(column)
        line = next(line for line in rows[row:] if line[at] not in ("", "01-01-2996"))
        line[at] = value(line[at]) if callable(value) else value

    return grid(file, change)


def swap(file: str, one: str, two: str, lines: slice = slice(1, None)):
    def change(rows: list[list[str]]) -> None:
        a, b = rows[0].index(one), rows[0].index(two)
        for line in rows[lines]:
            line[a], line[b] = line[b], line[a]

    return grid(file, change)


def sheet(change):
    """Change the cells of the CT worksheet; the header is on line 4."""

    def damage(folder: Path) -> None:
        book = openpyxl.load_workbook(folder / SHEET)
        change(book["CT metingen"])
        book.save(folder / SHEET)

    return damage


def ct(column: str, value, where=lambda line: True):
    """Put a value into the first line of the CT worksheet that `where` takes (column name -> value)."""

    def change(page) -> None:
        names = [one.value for one in page[4]]
        for number in range(5, page.max_row + 1):
            line = {name: page.cell(number, at).value for at, name in enumerate(names, start=1)}
            if where(line):
                page.cell(number, names.index(column) + 1).value = value(line[column]) if callable(value) else value
                return
        raise AssertionError("no such line in the worksheet")

    return sheet(change)


def sized(line: dict) -> bool:
    return isinstance(line["Meting"], int | float) and line["Meting"] >= 15 and line["Type"] == "T"


def dicom(change, number: int = 0):
    def damage(folder: Path) -> None:
        path = sorted(folder.glob("dicom/*/*.dcm"))[number]
        header = pydicom.dcmread(path)
        change(header)
        header.save_as(path)

    return damage


def tracer(**values):
    def change(header) -> None:
        for name, value in values.items():
            setattr(header.RadiopharmaceuticalInformationSequence[0], name, value)

    return dicom(change)


def header(**values):
    return dicom(lambda dataset: [setattr(dataset, name, value) for name, value in values.items()])


def remove(file: str):
    return lambda folder: (folder / file).unlink()


def copy(file: str, to: str):
    return lambda folder: shutil.copy(folder / file, folder / to)


def last_copied(change=lambda line: line):
    def damage(rows: list[list[str]]) -> list[list[str]]:
        return [*rows, change(list(rows[-1]))]

    return damage


def exchange_fdg_of_two_lesions(rows: list[list[str]]) -> None:
    """The numbers of two lesions exchanged on FDG: every FDG cell changes places."""
    at = [n for n, name in enumerate(rows[0]) if name.startswith("FDG")]
    place = rows[0].index("Orgaan"), rows[0].index("Zijde")
    for one, two in itertools.pairwise(rows[1:]):
        if one[0] == two[0] and all(one[n] == two[n] for n in place) and one[at[0]] and two[at[0]]:
            for n in at:
                one[n], two[n] = two[n], one[n]
            return
    raise AssertionError("no two lesions of one patient, organ and side side by side")


def zip_castor(folder: Path) -> None:
    with zipfile.ZipFile(folder / "castor.zip", "w", zipfile.ZIP_DEFLATED) as container:
        for path in sorted((folder / "castor").rglob("*.csv")):
            container.write(path, path.relative_to(folder / "castor").as_posix())
    shutil.rmtree(folder / "castor")


def zipped(extra):
    def damage(folder: Path) -> None:
        zip_castor(folder)
        with zipfile.ZipFile(folder / "castor.zip", "a", zipfile.ZIP_DEFLATED) as container:
            extra(container)

    return damage


def zip_without_events(folder: Path) -> None:
    (folder / EVENTS).unlink()
    zip_castor(folder)


def link_out_of_the_folder(folder: Path) -> None:
    shutil.move(folder / KEYS, folder.parent / "elsewhere.csv")
    (folder / KEYS).symlink_to(folder.parent / "elsewhere.csv")


def as_names(rows: list[list[str]]) -> None:
    at = rows[0].index("arm")
    for line in rows[1:]:
        line[at] = {"1": "Strategy A (CDK4/6 1st line)", "2": "Strategy B (CDK4/6 2nd line)"}.get(line[at], line[at])


def shifted(rows: list[list[str]]) -> None:
    del rows[2][4]


def wider(rows: list[list[str]]) -> None:
    rows[2].insert(4, "x")


def us_date(text: str) -> str:
    day, month, year = text.split("-")
    return f"{month}-{day}-{year}"


# damage: what is done, and how it must end: fault, query, set aside (with words that must stand there), or same
DAMAGES = {
    # transfer
    "missing file": (remove(KEYS), "fault: no such file"),
    "empty file": (lambda folder: (folder / EVENTS).write_bytes(b""), "fault: the file is empty"),
    "two deliveries in one folder": (copy(STUDY, STUDY.replace("20251001.csv", "20251101.csv")), "fault: matches 2 files"),
    "cut off within a cell": (rewrite(STUDY, lambda text: text[: len(text) // 2] + '"x'), "fault: "),
    "cut off between lines": (rewrite(STUDY, lambda text: "\n".join(text.splitlines()[:6]) + "\n"), "query: KEY_WITHOUT_PATIENT"),
    "header without rows": (rewrite(STUDY, lambda text: text.splitlines()[0] + "\n"), "query: ORPHAN_PATIENT"),
    "byte order mark added": (rewrite(KEYS, lambda text: "\ufeff" + text), "same"),
    "byte order mark removed": (rewrite(UMCG, lambda text: text.lstrip("\ufeff")), "same"),
    "line ends of Windows": (rewrite(SCORES, lambda text: text.replace("\n", "\r\n")), "same"),
    "cp1252": (rewrite(SCORES, lambda text: text.replace("bone", "bön", 1), "cp1252"), "fault: not utf-8"),
    "UTF-16": (rewrite(KEYS, lambda text: text, "utf-16"), "fault: NUL"),
    "NUL byte": (rewrite(EVENTS, lambda text: text.replace("Follow", "Fol\0ow", 1)), "fault: NUL"),
    "a link out of the folder": (link_out_of_the_folder, "fault: leaves the folder"),
    "another file beside": (lambda folder: (folder / "notes.txt").write_text("x"), "same"),
    # shape of a delimited file
    "wrong delimiter": (rewrite(UMCG, lambda text: text.replace(";", "\t")), "fault: wrong delimiter"),
    "comma for semicolon": (rewrite(STUDY, lambda text: text.replace(";", ",")), "fault: "),
    "shifted column": (grid(SCORES, shifted), "fault: 7 fields where the header has 8"),
    "a delimiter within a cell": (grid(UMCG, wider), "fault: 23 fields where the header has 22"),
    "a quote never closed": (rewrite(LIFEX, lambda text: text.replace("'L01", '"L01', 1)), "fault: "),
    "column renamed": (rewrite(UMCG, lambda text: text.replace("FES SUVmax", "FES SUV max", 1)), "fault: Did you mean 'FES SUV max'"),
    "column name twice": (rewrite(SCORES, lambda text: text.replace("fdg_call", "fes_call", 1)), "fault: occurs twice"),
    "column removed": (grid(LIFEX, lambda rows: [line[:2] + line[3:] for line in rows]), "fault: column is missing"),
    "columns in another order": (grid(SCORES, lambda rows: [line[::-1] for line in rows]), "same"),
    "rows in another order": (grid(LIFEX, lambda rows: [rows[0], *rows[:0:-1]]), "same"),
    "a column more": (grid(KEYS, lambda rows: [[*line, "x" if n else "remark"] for n, line in enumerate(rows)]), "same"),
    "titles above the header": (rewrite(KEYS, lambda text: "Key table,,,\n" + text), "fault: "),
    # rows
    "row repeated, not declared": (grid(STUDY, lambda rows: [*rows, rows[1]]), "fault: repeats the key"),
    "row repeated, declared": (grid(EVENTS, last_copied()), "set aside: exact repeat"),
    "reading repeated with another value": (grid(UMCG, last_copied(lambda line: [*line[:5], "9,99", *line[6:]])), "fault: repeats the key"),
    "test institute": (cell(STUDY, "Site Abbreviation", "TEST"), "set aside: test institute"),
    "archived record": (cell(STUDY, "Participant Status", "Archived"), "set aside: archived"),
    # numbers
    "decimal dot among commas": (cell(UMCG, "FES SUVmax", "4.53"), "query: UNREADABLE"),
    "decimal comma among dots": (cell(LIFEX, SUVMAX, "4,53"), "query: UNREADABLE"),
    "thousands mark": (cell(UMCG, "FES SUVmax", "1.234,5"), "query: UNREADABLE"),
    "number made a date by Excel": (cell(UMCG, "FES SUVmax", "4-mei"), "query: UNREADABLE"),
    "words in a number": (cell(STUDY, "er_perc", "ca 80"), "query: UNREADABLE"),
    "unit in the cell": (ct("Meting", "20 mm", sized), "query: UNREADABLE"),
    "minus before a size": (ct("Meting", -20, sized), "query: OUT_OF_RANGE"),
    "user-missing code not declared": (cell(STUDY, "er_perc", "-97"), "query: OUT_OF_RANGE"),
    "fraction for percent": (cell(STUDY, "er_perc", "0.9"), "query: ER_FRACTION"),
    "formula in a text file": (cell(STUDY, "er_perc", "=1+1"), "query: UNREADABLE"),
    # units
    "centimetres": (ct("Meting", lambda value: value / 10, sized), "query: TARGET_TOO_SMALL"),
    "weight in grams": (header(PatientWeight=70000), "query: WEIGHT"),
    "height in centimetres": (header(PatientSize=165), "query: HEIGHT"),
    "activity in MBq": (tracer(RadionuclideTotalDose=200), "query: ACTIVITY"),
    "half-life in minutes": (tracer(RadionuclideHalfLife=109.8), "query: HALF_LIFE"),
    "volume in mm3": (cell(UMCG, "FES volume (ccm)", "4250,0"), "query: VOLUME"),
    "SUV a hundredfold": (cell(LIFEX, SUVMAX, lambda text: f"{float(text) * 100:.2f}"), "query: SUV"),
    # dates
    "day and month exchanged": (cell(STUDY, "rand_date", "03-12-2021"), "query: LINK_DISAGREES"),
    "American date": (cell(STUDY, "rand_date", "12-31-2019"), "query: UNREADABLE"),
    "year of two digits": (cell(STUDY, "rand_date", "05-12-19"), "query: UNREADABLE"),
    "day number of Excel": (cell(STUDY, "rand_date", "43804"), "query: UNREADABLE"),
    "31 April": (cell(ASSESSMENTS, "assess_date", "31-04-2021"), "set aside: assessment_date"),
    "year 0202": (cell(STUDY, "start_date", "19-03-0202"), "query: UNREADABLE"),
    "11-11-1111": (cell(STUDY, "last_fu", "11-11-1111"), "query: UNREADABLE"),
    "a day in the future": (cell(ASSESSMENTS, "assess_date", "05-12-2051"), "query: ASSESSMENT_AFTER_CONTACT"),
    "another user-missing date": (cell(STUDY, "start_date", "31-12-2998"), "query: UNREADABLE"),
    "partial date of a scan": (ct("CT datum", "UK-03-2021"), "set aside: scan_date"),
    "death before randomisation": (cell(STUDY, "death_date", "01-01-2015"), "query: DEATH_BEFORE_RANDOMISATION"),
    "columns of dates exchanged": (swap(STUDY, "rand_date", "consent_date"), "query: LINK_DISAGREES"),
    "injection of another hour": (tracer(RadiopharmaceuticalStartTime="010000", RadiopharmaceuticalStartDateTime=""), "query: UPTAKE_TIME"),
    # codes
    "arm of no code": (cell(STUDY, "arm", "3"), "query: NO_ALLOCATION"),
    "names for values in the whole column": (grid(STUDY, as_names), "same"),
    "response of no code": (cell(ASSESSMENTS, "overall", "7"), "query: UNREADABLE"),
    "event of no code": (cell(EVENTS, "event_type", "8"), "set aside: event"),
    "organ of no vocabulary": (cell(UMCG, "Orgaan", "acetabulum"), "query: UNMAPPED_ORGAN"),
    "side of no vocabulary": (ct("Zijde", "onder"), "query: UNREADABLE"),
    "role of no code": (ct("Type", "X", lambda line: line["Type"] == "T"), "query: UNREADABLE"),
    "call of no code": (cell(SCORES, "fes_call", "maybe"), "query: UNREADABLE"),
    # numbers of patients, lesions and scans
    "patient number mistyped": (cell(SCORES, "subject", lambda text: text.replace("-", "-9")), "set aside: leads to no patient"),
    "patient number of another patient": (cell(UMCG, "Studienummer", "UMCG-006", row=2), "query: ORPHAN_SCAN"),
    "patient number mistyped in Castor": (cell(STUDY, "Participant Id", "9999"), "set aside: leads to no patient"),
    "key table without a patient": (grid(KEYS, lambda rows: [rows[0], *rows[2:]]), "set aside: leads to no patient"),
    "key table with one number twice": (grid(KEYS, lambda rows: [*rows[:2], [rows[1][0], *rows[2][1:]], *rows[3:]]), "fault: links one number twice"),
    "key table with two links exchanged": (grid(KEYS, lambda rows: [rows[0], [rows[2][0], *rows[1][1:]], [rows[1][0], *rows[2][1:]], *rows[3:]]), "query: LINK_DISAGREES"),
    "lesion number mistyped on one CT": (ct("Laesie", "L99", lambda line: sized(line) and line["CT datum"][-4:] >= "2021"), "query: ROLE_AFTER_BASELINE"),
    "lesion numbers exchanged on FDG": (grid(UMCG, exchange_fdg_of_two_lesions), "query: LESION_LINK"),
    "patient number mistyped in a header": (header(PatientID="UMCG-999"), "set aside: leads to no patient"),
    "date of a PET off by a day": (cell(SCORES, "fes_date", "2019-01-01"), "query: ORPHAN_SCAN"),
    # columns that belong to one another
    "SUVmax and SUVmean exchanged": (rewrite(LIFEX, lambda text: text.replace(SUVMAX, "@").replace(SUVMEAN, SUVMAX).replace("@", SUVMEAN)), "query: SUV_ORDER"),
    "FES and FDG exchanged in a lesion": (swap(UMCG, "FES SUVmax", "FDG SUVmax"), "query: SUV_ORDER"),
    "SUVmax copied down the column": (grid(UMCG, lambda rows: [rows[0], *([*line[:5], rows[1][5], *line[6:]] for line in rows[1:])]), "query: SAME_SUVS"),
    # worksheet
    "formula cell": (ct("Meting", "=12+8", sized), "fault: a formula"),
    "error cell": (ct("Meting", "#DIV/0!", sized), "fault: "),
    "a value beside the table": (sheet(lambda page: page.cell(7, 12, "stray")), "fault: outside the named columns"),
    "sheet renamed": (sheet(lambda page: setattr(page, "title", "Blad1")), "fault: no sheet 'CT metingen'"),
    "a line above the header": (sheet(lambda page: page.insert_rows(1)), "fault: "),
    "text file called xlsx": (lambda folder: (folder / SHEET).write_text("a;b"), "fault: not a readable archive"),
    # DICOM
    "not DICOM": (lambda folder: sorted(folder.glob("dicom/*/*.dcm"))[0].write_bytes(b"x" * 200), "fault: not a DICOM file"),
    "tracer unknown": (tracer(Radiopharmaceutical="Solution", RadiopharmaceuticalCodeSequence=[]), "fault: neither FES nor FDG"),
    "header of a CT": (dicom(lambda dataset: dataset.pop("RadiopharmaceuticalInformationSequence")), "fault: Not a PET series"),
    "header delivered twice": (lambda folder: shutil.copy(path := sorted(folder.glob("dicom/*/*.dcm"))[0], path.with_name("again.dcm")), "fault: repeats the key"),
    "no acquisition date": (header(AcquisitionDate=""), "set aside: scan_date"),
    "not decay corrected": (header(DecayCorrection="NONE"), "query: NO_DECAY_CORRECTION"),
    # Castor's ZIP
    "in its ZIP": (zip_castor, "same"),
    "ZIP with a path in it": (zipped(lambda container: container.writestr("../../x.csv", "x")), "fault: leaves the folder"),
    "ZIP bomb": (zipped(lambda container: container.writestr("x.csv", "0" * 30_000_000)), "fault: 200 times"),
    "ZIP without a file": (zip_without_events, "fault: no such file in the archive"),
    "ZIP cut off": (lambda folder: (zip_castor(folder), (folder / "castor.zip").write_bytes((folder / "castor.zip").read_bytes()[:500])), "fault: not a readable archive"),
}  # fmt: skip


def plan_of(folder: Path) -> dict:
    """The map of the example; with Castor's files from their ZIP where there is one."""
    plan = maps.load(MAP)
    if (folder / "castor.zip").exists():
        for name, entry in plan["files"].items():
            if name.startswith("castor"):
                entry |= {"member": entry["path"].removeprefix("castor/"), "path": "castor.zip"}
    return plan


def run(folder: Path):
    """Stages 1 to 3: the study's tables without origin, queries, rows set aside, balance of rows."""
    plan = plan_of(folder)
    imported = importing.import_exports(folder, plan)
    cleaned = typed_tables.clean_tables(imported.tables, plan["tables"], imported.field_options)
    linked = one_study.link_patients(
        {name: one.table for name, one in cleaned.items()},
        study_numbers.numbering_of(plan, imported.raw_files),
        imported.patient_keys,
        None,
    )
    study = linked.tables
    for name in maps.TABLES:
        aside = len(cleaned[name].set_aside) + (linked.set_aside["table"] == name).sum()
        assert len(imported.tables[name]) == len(study[name]) + aside, name
    assert imported.reconciliation["is_balanced"].all()
    grouped = visits.link_visits(
        *(study[name] for name in ("patients", "scans", "measurements")), pooling_days=7, late_baseline_days=28
    )
    baselines = pet_baselines.derive_pet_baselines(study["patients"], study["scans"], grouped, late_baseline_days=28)
    seen = lesion_matching.list_sightings(
        *(study[name] for name in ("lesions", "measurements", "uptake")), grouped, baselines
    )
    no_decisions = pd.DataFrame(columns=["patient_id", "lesion_id", "decision", "reader", "date"])
    review = note_decisions(lesion_matching.review_links(seen, gate_mm=20), no_decisions)
    queries = collect(
        [
            *(one.queries for one in cleaned.values()),
            linked.queries,
            cross_checks.check_key_table(study["patients"], imported.patient_keys, plan["patient_keys"]),
            cross_checks.query_reviews(review, study["lesions"]),
            plausibility.check_tables(study),
        ]
    )
    aside = stack(
        [imported.set_aside, typed_tables.list_set_aside(cleaned.values()), linked.set_aside],
        schemas.columns("set_aside"),
    )
    return {name: frame.drop(columns=["source_file", "source_row"]) for name, frame in study.items()}, queries, aside


@pytest.fixture(scope="module")
def delivery(tmp_path_factory) -> Path:
    parameters = yaml.safe_load((PROJECT / "config/simulation.yaml").read_text(encoding="utf-8"))
    folder = tmp_path_factory.mktemp("delivery")
    none = dict.fromkeys(parameters["defects"], 0)
    simulate_study(
        parameters | {"n_patients": 10, "defects": none, "share_fdg_missing": 0}, folder / "raw", folder / "truth"
    )
    return folder / "raw"


@pytest.fixture(scope="module")
def clean(delivery):
    return run(delivery)


def test_the_delivery_itself_is_sound(clean):
    _, queries, aside = clean
    assert not (queries["severity"] == "error").any()
    assert set(aside["reason"].str.replace(r" as .*", "", regex=True)) <= {
        "same record",
        "test institute",
        "archived record",
    }


OUTCOMES = {}


def more(found: pd.DataFrame, before: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Kinds of findings of which there are more than before."""
    counts, earlier = (frame.groupby(by).size() for frame in (found, before))
    grown = counts - earlier.reindex(counts.index, fill_value=0)
    return grown[grown > 0].rename("n").reset_index()


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_damage_passes_in_silence(delivery, clean, tmp_path, damage):
    harm, expected = DAMAGES[damage]
    shutil.copytree(delivery, tmp_path / "raw")
    harm(tmp_path / "raw")
    kind, _, words = expected.partition(": ")
    try:
        tables, queries, aside = run(tmp_path / "raw")
    except FaultError as stopped:
        OUTCOMES[damage] = f"fault: {stopped.faults[0].rule}"
        assert kind == "fault" and words in str(stopped), f"stopped by {stopped}"
        assert all(fault.file and fault.rule and fault.remedy for fault in stopped.faults)
        return
    asked = more(queries, clean[1], ["rule_id"])
    left = more(aside, clean[2], ["source_file", "reason"])
    changed = [name for name in tables if not tables[name].equals(clean[0][name])]
    OUTCOMES[damage] = (
        f"changed {', '.join(changed) or 'nothing'}; queries {', '.join(asked['rule_id'].unique()) or 'none'}; set aside {len(left)}"
    )
    if kind == "same":
        assert not changed
    elif kind == "query":
        assert words in set(asked["rule_id"]), OUTCOMES[damage]
    else:
        assert kind == "set aside" and left["reason"].str.contains(words).any(), OUTCOMES[damage]
    assert not changed or len(asked) or len(left), "a result changed in silence"


def test_the_table_of_outcomes():
    assert len(DAMAGES) >= 60
    if len(OUTCOMES) == len(DAMAGES):
        print("\n" + "\n".join(f"{damage:42} -> {outcome}" for damage, outcome in OUTCOMES.items()))
