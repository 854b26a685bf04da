"""One small made-up study in the plain layout and in three that hospitals use: REDCap, a Dutch workbook, SDTM."""

from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pandas as pd

N_PATIENTS = 12
ORGANS = ("bone", "lymph node", "liver", "lung")
DUTCH = {"bone": "bot", "lymph node": "klier", "liver": "lever", "lung": "long", "left": "links", "right": "rechts"}
FIRST_DAY = date(2021, 1, 14)
RESPONSES = ("SD", "PR", "SD", "PD")


def study() -> dict[str, pd.DataFrame]:
    """The seven tables of twelve patients: two to four lesions, three CTs, an FES-PET and an FDG-PET each."""
    rows = {name: [] for name in ("patients", "scans", "lesions", "measurements", "uptake", "assessments", "events")}
    for number in range(1, N_PATIENTS + 1):
        for name, some in _patient(number).items():
            rows[name] += some
    return {name: pd.DataFrame(some, dtype=object).fillna("") for name, some in rows.items()}


def _patient(number: int) -> dict[str, list[dict]]:
    """The rows of one patient; everything follows from the number."""
    who = f"SI-{100 + 7 * number}"
    day = FIRST_DAY + timedelta(days=23 * number)
    scans = {"FES-PET": day - timedelta(days=9), "FDG-PET": day - timedelta(days=7)}
    visits = [day - timedelta(days=12), day + timedelta(days=80), day + timedelta(days=165)]
    patient = {
        "patient_id": who, "centre": "UMCG" if number % 2 else "VUMC", "sex": "F", "birth_year": str(1941 + 2 * number),
        "randomisation_date": day.isoformat(), "allocation": "A" if number % 3 else "B", "er_percent": str(40 + 5 * number),
        "first_treatment_date": (day + timedelta(days=4)).isoformat(), "who_performance_status": str(number % 2),
        "prior_endocrine_therapy": "True" if number % 4 else "False",
        "last_contact_date": (day + timedelta(days=400)).isoformat(),
        "death_date": (day + timedelta(days=401)).isoformat() if number % 5 == 0 else "",
    }  # fmt: skip
    lesions, sizes, uptake = [], [], []
    for place in range(1, 3 + number % 3):
        organ, name = ORGANS[(number + place) % 4], f"L{place}"
        lesions.append({
            "patient_id": who, "lesion_id": name, "organ": organ, "laterality": "left" if place % 2 else "right",
            "is_node": str(organ == "lymph node"), "role": "TARGET" if place < 3 else "NON-TARGET",
        })  # fmt: skip
        for visit, when in enumerate(visits):
            size = round(18.5 + 3 * place + number / 2 - 2 * visit, 1)
            sizes.append({
                "patient_id": who, "lesion_id": name, "scan_id": f"{who} CT {when}",
                "diameter_mm": f"{size:g}" if place < 3 else "", "state": "MEASURED" if place < 3 else "PRESENT",
            })  # fmt: skip
        for tracer, when in scans.items():
            suv = round(1.15 + place * 0.83 + number * 0.31 + (tracer == "FDG-PET"), 2)
            uptake.append({
                "patient_id": who, "lesion_id": name, "scan_id": f"{who} {tracer} {when}", "suvmax": f"{suv:g}",
                "visual": "positive" if suv > 3 else "negative",
            })  # fmt: skip
    all_scans = [*scans.items(), *(("CT", when) for when in visits)]
    return {
        "patients": [patient], "lesions": lesions, "measurements": sizes, "uptake": uptake,
        "scans": [{"scan_id": f"{who} {kind} {when}", "patient_id": who, "modality": kind, "scan_date": when.isoformat()}
                  for kind, when in all_scans],
        "assessments": [{"patient_id": who, "assessment_date": when.isoformat(), "overall_response": RESPONSES[(number + n) % 4]}
                        for n, when in enumerate(visits[1:])],
        "events": [{"patient_id": who, "event": "NEW THERAPEUTIC AGENT", "event_date": (day + timedelta(days=210)).isoformat()}]
        if number % 3 == 0 else [],
    }  # fmt: skip


def write_plain(folder: Path) -> Path:
    """Seven CSV files."""
    folder.mkdir()
    for name, frame in study().items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def _dutch(day: str) -> str:
    return f"{day[8:]}-{day[5:7]}-{day[:4]}" if day else ""


def write_redcap(folder: Path) -> Path:
    """REDCap: one longitudinal CSV with repeating instruments, records numbered 1, 2, 3, codes for arms and organs."""
    folder.mkdir()
    known, rows = study(), []
    records = {who: str(31 + 3 * place) for place, who in enumerate(known["patients"]["patient_id"])}
    day_of = dict(zip(known["scans"]["scan_id"], known["scans"]["scan_date"], strict=True))
    for one in known["patients"].itertuples():
        record = {"record_id": records[one.patient_id]}
        rows.append(record | {
            "redcap_event_name": "baseline_arm_1", "redcap_data_access_group": one.centre.lower(), "sonimage_no": one.patient_id,
            "dob": f"{one.birth_year}-05-17", "gender": "2", "rand_dt": one.randomisation_date,
            "rand_arm": {"A": "1", "B": "2"}[one.allocation], "er_pct": one.er_percent, "ecog_score": one.who_performance_status,
            "prior_endo_tx": {"True": "1", "False": "0"}[one.prior_endocrine_therapy], "tx_start_dt": one.first_treatment_date,
            "baseline_remarks": f"seen by dr. Jansen on {_dutch(one.randomisation_date)}", "baseline_complete": "2",
        })  # fmt: skip
        rows.append(record | {
            "redcap_event_name": "end_of_study_arm_1", "last_fu_dt": one.last_contact_date, "death_dt": one.death_date,
            "end_of_study_complete": "2",
        })  # fmt: skip
    rows += _redcap_lesions(known, records, day_of) + _redcap_follow_up(known, records)
    columns = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
    columns += [name for name in dict.fromkeys(name for row in rows for name in row) if name not in columns]
    frame = pd.DataFrame(rows, columns=columns, dtype=object).fillna("").sort_values("record_id", kind="stable")
    frame.to_csv(folder / "SONImage_DATA_2024-03-05_1012.csv", index=False)
    return folder


def _redcap_lesions(known: dict, records: dict, day_of: dict) -> list[dict]:
    """The instruments pet_lesion (both tracers in one row) and ct_lesion."""
    lesions = known["lesions"].set_index(["patient_id", "lesion_id"])
    uptake = known["uptake"].assign(modality=known["uptake"]["scan_id"].str.split(" ").str[1])
    rows, codes = [], {organ: str(n) for n, organ in enumerate(ORGANS, start=1)}
    for (who, name), some in uptake.groupby(["patient_id", "lesion_id"]):
        row = {
            "record_id": records[who],
            "redcap_event_name": "baseline_arm_1",
            "redcap_repeat_instrument": "pet_lesion",
        }
        row |= {
            "redcap_repeat_instance": name[1:],
            "pl_label": name,
            "pl_site": codes[lesions.loc[(who, name), "organ"]],
        }
        for one in some.itertuples():
            tracer = one.modality[:3].lower()
            row |= {
                f"{tracer}_scan_dt": day_of[one.scan_id], f"pl_{tracer}_suvmax": one.suvmax,
                f"pl_{tracer}_call": {"positive": "1", "negative": "0"}[one.visual],
            }  # fmt: skip
        rows.append(row)
    for place, one in enumerate(known["measurements"].itertuples()):
        lesion = lesions.loc[(one.patient_id, one.lesion_id)]
        rows.append({
            "record_id": records[one.patient_id], "redcap_event_name": "follow_up_arm_1", "redcap_repeat_instrument": "ct_lesion",
            "redcap_repeat_instance": str(place + 1), "ct_les_no": one.lesion_id, "ct_les_type": lesion["role"].lower(),
            "ct_les_loc": codes[lesion["organ"]], "ct_dt": day_of[one.scan_id], "ct_diam_mm": one.diameter_mm,
            "ct_les_status": "" if one.state == "MEASURED" else "present",
        })  # fmt: skip
    return rows


def _redcap_follow_up(known: dict, records: dict) -> list[dict]:
    """The instruments response and event."""
    rows = []
    for one in known["assessments"].itertuples():
        rows.append({"record_id": records[one.patient_id], "redcap_repeat_instrument": "response", "resp_dt": one.assessment_date,
                     "resp_overall": {"CR": "1", "PR": "2", "SD": "3", "PD": "4"}[one.overall_response]})  # fmt: skip
    for one in known["events"].itertuples():
        rows.append({"record_id": records[one.patient_id], "redcap_repeat_instrument": "event", "ev_type": "2",
                     "ev_dt": one.event_date})  # fmt: skip
    return rows


def write_workbook(folder: Path) -> Path:
    """A Dutch workbook: title rows, the patient's number in the first row of its block, decimal commas, dates as text and cells."""
    folder.mkdir()
    known, book = study(), openpyxl.Workbook()
    day_of = dict(zip(known["scans"]["scan_id"], known["scans"]["scan_date"], strict=True))
    lesions = known["lesions"].set_index(["patient_id", "lesion_id"])
    _sheet(book, "Patiënten", ["SONImage-studie, stand van vandaag"], [
        ["SONImage-nummer", "Centrum", "Geslacht", "Geb.jaar", "Gerandomiseerd op", "Behandelarm", "ER (%)", "WHO-score",
         "Eerdere hormoontherapie", "Start behandeling", "Laatste contact", "Datum van overlijden", "Opmerkingen"],
        *([one.patient_id, one.centre, "V", int(one.birth_year), _dutch(one.randomisation_date), one.allocation,
           int(one.er_percent), int(one.who_performance_status), "ja" if one.prior_endocrine_therapy == "True" else "nee",
           _dutch(one.first_treatment_date), _dutch(one.last_contact_date), _dutch(one.death_date) or None, "mw. Jansen belt"]
          for one in known["patients"].itertuples()),
    ])  # fmt: skip
    _sheet(book, "CT", ["CT-metingen (RECIST 1.1)", "klieren: korte as", None], [
        ["SONImage-nummer", "Laesienummer", "Lokalisatie", "Kant", "Soort laesie", "Datum CT", "Grootte (mm)", "Oordeel"],
        *_block_rows(known["measurements"], lesions, day_of),
    ])  # fmt: skip
    wide = known["uptake"].assign(tracer=known["uptake"]["scan_id"].str.split(" ").str[1])
    _sheet(book, "PET", [], [
        ["SONImage-nummer", "Laesienummer", "Lokalisatie", "Datum FES-PET", "SUVmax FES", "Beoordeling FES", "Datum FDG-PET",
         "SUVmax FDG", "Beoordeling FDG"],
        *([who, name, DUTCH[lesions.loc[(who, name), "organ"]], *_pet_cells(some, day_of)]
          for (who, name), some in wide.groupby(["patient_id", "lesion_id"])),
    ])  # fmt: skip
    _sheet(book, "Beoordelingen", [], [
        ["SONImage-nummer", "Datum beoordeling", "Respons"],
        *([one.patient_id, date.fromisoformat(one.assessment_date), one.overall_response] for one in known["assessments"].itertuples()),
    ])  # fmt: skip
    _sheet(book, "Gebeurtenissen", [], [
        ["SONImage-nummer", "Gebeurtenis", "Datum"],
        *([one.patient_id, "nieuwe therapie", _dutch(one.event_date)] for one in known["events"].itertuples()),
    ])  # fmt: skip
    del book["Sheet"]
    book.save(folder / "SONImage verzamelstaat.xlsx")
    return folder


def _sheet(book, name: str, titles: list, rows: list[list]) -> None:
    page = book.create_sheet(name)
    for row in [*([title] for title in titles), *rows]:
        page.append(row)


def _block_rows(sizes: pd.DataFrame, lesions: pd.DataFrame, day_of: dict) -> list[list]:
    """Rows of CT sizes; number cells and texts with a comma by turns."""
    rows, last = [], None
    for place, one in enumerate(sizes.itertuples()):
        lesion, size = lesions.loc[(one.patient_id, one.lesion_id)], one.diameter_mm
        written = (float(size) if place % 2 else size.replace(".", ",")) if size else "-"
        rows.append([
            one.patient_id if one.patient_id != last else None, one.lesion_id, DUTCH[lesion["organ"]], DUTCH[lesion["laterality"]],
            "T" if lesion["role"] == "TARGET" else "NT", _dutch(day_of[one.scan_id]), written,
            None if size else "aanwezig",
        ])  # fmt: skip
        last = one.patient_id
    return rows


def _pet_cells(readings: pd.DataFrame, day_of: dict) -> list:
    cells = {
        one.tracer: [_dutch(day_of[one.scan_id]), one.suvmax.replace(".", ","), one.visual[:3]]
        for one in readings.itertuples()
    }
    return [*cells["FES-PET"], *cells["FDG-PET"]]


def write_sdtm(folder: Path) -> Path:
    """CDISC SDTM as CSV: DM, DS, TU, TR, RS; the sizes of CT alone, which is all that SDTM has."""
    folder.mkdir()
    known = study()
    day_of = dict(zip(known["scans"]["scan_id"], known["scans"]["scan_date"], strict=True))
    lesions = known["lesions"].set_index(["patient_id", "lesion_id"])
    who = {one: one for one in known["patients"]["patient_id"]}
    dm = [{"STUDYID": "SONIM", "DOMAIN": "DM", "USUBJID": who[one.patient_id], "SUBJID": one.patient_id, "SITEID": one.centre,
           "RFSTDTC": one.first_treatment_date, "RFXSTDTC": one.first_treatment_date, "BRTHDTC": f"{one.birth_year}-02-03",
           "SEX": one.sex, "ARMCD": {"A": "CDK1", "B": "NSAI1"}[one.allocation], "DTHDTC": one.death_date}
          for one in known["patients"].itertuples()]  # fmt: skip
    ds = [{"STUDYID": "SONIM", "DOMAIN": "DS", "USUBJID": who[one.patient_id], "DSDECOD": "RANDOMIZED",
           "DSSTDTC": one.randomisation_date} for one in known["patients"].itertuples()]  # fmt: skip
    tu = [{"STUDYID": "SONIM", "DOMAIN": "TU", "USUBJID": who[patient], "TULNKID": name, "TUTESTCD": "TUMIDENT",
           "TUSTRESC": one["role"], "TULOC": one["organ"].upper(), "TULAT": one["laterality"].upper(), "TUEVAL": "INVESTIGATOR"}
          for (patient, name), one in lesions.iterrows()]  # fmt: skip
    tr = [{"STUDYID": "SONIM", "DOMAIN": "TR", "USUBJID": who[one.patient_id], "TRLNKID": one.lesion_id,
           "TRTESTCD": _test_of(lesions.loc[(one.patient_id, one.lesion_id)], one.diameter_mm),
           "TRORRES": one.diameter_mm or "PRESENT", "TRSTRESC": one.diameter_mm or "PRESENT",
           "TRDTC": day_of[one.scan_id], "TREVAL": "INVESTIGATOR"} for one in known["measurements"].itertuples()]  # fmt: skip
    rs = [{"STUDYID": "SONIM", "DOMAIN": "RS", "USUBJID": who[one.patient_id], "RSTESTCD": "OVRLRESP", "RSSTRESC": one.overall_response,
           "RSDTC": one.assessment_date, "RSEVAL": "INVESTIGATOR"} for one in known["assessments"].itertuples()]  # fmt: skip
    for name, rows in {"dm": dm, "ds": ds, "tu": tu, "tr": tr, "rs": rs}.items():
        pd.DataFrame(rows, dtype=object).to_csv(folder / f"{name}.csv", index=False)
    return folder


def _test_of(lesion: pd.Series, size: str) -> str:
    return "TUMSTATE" if not size else "LPERP" if lesion["organ"] == "lymph node" else "LDIAM"
