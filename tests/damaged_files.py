"""What a hand, a program or a transfer does to a file of the delivery."""

import csv
import io
import itertools
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pydicom

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


def ct_lines(page) -> list[tuple[dict, dict]]:
    """Each line of the CT worksheet as values and as cells, by the name of the column."""
    names = [one.value for one in page[4]]
    lines = [dict(zip(names, row, strict=True)) for row in page.iter_rows(min_row=5)]
    return [({name: one.value for name, one in cells.items()}, cells) for cells in lines]


def ct_dates(change):
    """Give the CTs of the patient with most of them other dates: `change` takes them in order of time."""

    def damage(page) -> None:
        lines, dates = ct_lines(page), {}
        for values, _ in lines:
            dates.setdefault(values["SONImage nr"], set()).add(values["CT datum"])
        patient = max(dates, key=lambda one: len(dates[one]))
        before = sorted(dates[patient], key=lambda day: day.split("-")[::-1])
        after = dict(zip(before, change(before), strict=True))
        for values, cells in lines:
            if values["SONImage nr"] == patient:
                cells["CT datum"].value = after[values["CT datum"]]

    return sheet(damage)


def year_late(dates: list[str]) -> list[str]:
    return [*dates[:2], f"{dates[2][:6]}{int(dates[2][6:]) + 1}", *dates[3:]]


def exchanged(dates: list[str]) -> list[str]:
    return [dates[0], dates[2], dates[1], *dates[3:]]


def turn_digits(page) -> None:
    """A size of 14 typed as 41: in the middle one of three sizes of a lesion."""
    sizes = {}
    for values, cells in ct_lines(page):
        if sized(values):
            sizes.setdefault((values["SONImage nr"], values["Laesie"]), []).append(cells["Meting"])
    for series in sizes.values():
        for middle in series[1:-1]:
            tens, units = divmod(int(middle.value), 10)
            if units * 10 + tens > 1.5 * middle.value:
                middle.value += 9 * (units - tens)
                return
    raise AssertionError("no size whose digits can be turned")


def liver_in_every_source(folder: Path) -> None:
    """The first lesion of the first centre called liver in the PET table and, if it is there, in the CT worksheet."""
    patient, lesion = rows_of(text_of(folder, UMCG), UMCG)[1][:2]

    def change(page) -> None:
        for values, cells in ct_lines(page):
            if (values["SONImage nr"], values["Laesie"]) == (patient, lesion):
                cells["Orgaan"].value = "lever"

    cell(UMCG, "Orgaan", "lever")(folder)
    sheet(change)(folder)


def without_fdg(rows: list[list[str]]) -> None:
    """The FDG cells of the first lesion emptied."""
    for at, name in enumerate(rows[0]):
        if name.startswith("FDG"):
            rows[1][at] = ""


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
