"""The simulated study as Castor exports it: study form, repeating forms, options; and the key table."""

from pathlib import Path

import pandas as pd

from sonimage.simulate import dutch

RESPONSES = {"CR": "1", "PR": "2", "SD": "3", "NON-CR/NON-PD": "4", "PD": "5", "NE": "6"}

EVENTS = {"SYMPTOMATIC DETERIORATION": "1", "NEW THERAPEUTIC AGENT": "2", "BREAK START": "3", "THERAPY RESUMED": "4"}

OPTIONS = [
    ("Arm", "Strategy A (CDK4/6 1st line)", "1"), ("Arm", "Strategy B (CDK4/6 2nd line)", "2"),
    ("Yes no", "Yes", "1"), ("Yes no", "No", "0"),
    ("Menopause", "premenopausal", "1"), ("Menopause", "postmenopausal", "2"),
    ("Drug", "palbociclib", "1"), ("Drug", "ribociclib", "2"), ("Drug", "abemaciclib", "3"),
    *(("Response", name, value) for name, value in RESPONSES.items()),
    *(("Event", name.capitalize(), value) for name, value in EVENTS.items()),
]  # fmt: skip


def write_castor(frame: pd.DataFrame, path: Path) -> None:
    """Castor's CSV: semicolons, every cell quoted, one delimiter too many at the end of each line."""
    lines = [list(frame.columns), *frame.astype(str).to_numpy().tolist()]
    text = "".join(";".join(f'"{cell}"' for cell in line) + ";\n" for line in lines)
    path.write_text("\ufeff" + text, encoding="utf-8")


def _sonia_numbers(study: dict) -> pd.Series:
    truth = study["truth_patients"]
    return pd.Series([f"{number:04d}" for number in truth["sonia_number"]], index=truth["patient_id"])


def study_form(study: dict) -> pd.DataFrame:
    """The study form: one row per participant, a test participant and an archived one among them."""
    rows = study["patients"]
    numbers = _sonia_numbers(study)
    values = {
        name: {label: value for group, label, value in OPTIONS if group == name} for name in ("Menopause", "Drug")
    }
    frame = pd.DataFrame(
        {
            "Participant Id": rows["patient_id"].map(numbers),
            "Participant Status": "Not Set",
            "Site Abbreviation": rows["centre"],
            "Participant Creation Date": dutch.date(rows["consent_date"]) + " 09:12:44",
            "birth_year": rows["birth_year"].astype(str),
            "menopause": rows["menopausal_status"].map(values["Menopause"]),
            "er_perc": rows["er_percent"].map("{:g}".format),
            "de_novo": rows["de_novo_metastatic"].map({True: "1", False: "0"}),
            "prior_et": rows["prior_endocrine_therapy"].map({True: "1", False: "0"}),
            "visc_met": rows["visceral_disease"].map({True: "1", False: "0"}),
            "bone_only": rows["bone_only"].map({True: "1", False: "0"}),
            "who_ps": rows["who_performance_status"].astype(str),
            "consent_date": dutch.date(rows["consent_date"]),
            "rand_date": dutch.date(rows["randomisation_date"]),
            "arm": rows["allocation"].map({"A": "1", "B": "2"}),
            "drug": rows["cdk46_inhibitor"].map(values["Drug"]),
            "start_date": dutch.date(rows["first_treatment_date"]),
            "last_tam_date": dutch.date(rows["last_er_ligand_date"]).replace("", "01-01-2996"),
            "pet_contra": rows["pet_contraindication"].map({True: "1", False: "0"}),
            "withdrawal_date": dutch.date(rows["withdrawal_date"]),
            "death_date": dutch.date(rows["death_date"]).replace("", "01-01-2996"),
            "last_fu": dutch.date(rows["last_contact_date"]),
            "remarks": "",
        }
    ).sort_values("Participant Id")
    blank = {column: "" for column in frame.columns}
    extra = pd.DataFrame(
        [
            blank
            | {
                "Participant Id": "TEST-001",
                "Participant Status": "Not Set",
                "Site Abbreviation": "TEST",
                "remarks": "test",
            },
            blank | {"Participant Id": "ARCHIVED-9001", "Participant Status": "Archived", "Site Abbreviation": "UMCG"},
        ]
    )
    return pd.concat([frame, extra], ignore_index=True).fillna("")


def _repeating(study: dict, rows: pd.DataFrame, form: str, day: pd.Series) -> pd.DataFrame:
    """The leading columns of a Castor repeating form; creation time and custom name lie in different time zones."""
    centre = study["patients"].set_index("patient_id")["centre"]
    return pd.DataFrame(
        {
            "Participant Id": rows["patient_id"].map(_sonia_numbers(study)),
            "Participant Status": "Not Set",
            "Site Abbreviation": rows["patient_id"].map(centre),
            "Repeating Data Creation Date": dutch.date(day) + " 13:33:39",
            "Repeating data Name Custom": form + " - " + dutch.date(day) + " 14:33:37",
            "Repeating data Parent": "Follow-up",
        }
    )


def event_forms(study: dict) -> pd.DataFrame:
    """The repeating form of events on treatment."""
    rows = study["events"].sort_values(["patient_id", "event_date"])
    frame = _repeating(study, rows, "Event", rows["event_date"])
    return frame.assign(event_type=rows["event"].map(EVENTS), event_date=dutch.date(rows["event_date"])).reset_index(
        drop=True
    )


def assessment_forms(study: dict) -> pd.DataFrame:
    """The repeating form of the investigator's assessments."""
    rows = study["assessments"].sort_values(["patient_id", "assessment_date"])
    frame = _repeating(study, rows, "Assessment", rows["assessment_date"])
    new = rows["new_lesion"].map({True: "1", False: "0"}).fillna("-99")
    return frame.assign(
        assess_date=dutch.date(rows["assessment_date"]), overall=rows["overall_response"].map(RESPONSES), new_lesion=new
    ).reset_index(drop=True)


def key_table(study: dict) -> pd.DataFrame:
    """The key table from SONIA to SONImage numbers, with what helps to check a link."""
    numbers = _sonia_numbers(study)
    patients = study["patients"].set_index("patient_id").loc[numbers.index]
    known = {
        "Birth year": patients["birth_year"].to_numpy(),
        "Randomised": dutch.date(patients["randomisation_date"]).to_numpy(),
    }
    return pd.DataFrame({"SONIA number": numbers.to_numpy(), "SONImage id": numbers.index} | known)
