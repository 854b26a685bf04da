"""Death, contact, withdrawal, randomisation and treatment: dates that cannot well stand together."""

import pandas as pd

from sonimage.cleaning.plausibility.rule import DATES, Rule, Study, with_patient

YOUNGEST, OLDEST = 18, 100  # years
CONTACT_OF_THE_DEAD_DAYS = 365


def death_before_randomisation(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["death_date"] < patients["randomisation_date"]]


def contact_after_death(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["last_contact_date"] > patients["death_date"]]


def contact_long_before_death(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    days = (patients["death_date"] - patients["last_contact_date"]).dt.days
    return patients[days > CONTACT_OF_THE_DEAD_DAYS]


def contact_before_randomisation(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["last_contact_date"] < patients["randomisation_date"]]


def neither_contact_nor_death(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["last_contact_date"].isna() & patients["death_date"].isna()]


def scan_after_death(study: Study) -> pd.DataFrame:
    scans = with_patient(study, "scans", "death_date")
    return scans[scans["scan_date"] > scans["death_date"]]


def event_after_death(study: Study) -> pd.DataFrame:
    events = with_patient(study, "events", "death_date")
    return events[events["event_date"] > events["death_date"]]


def assessment_after_death(study: Study) -> pd.DataFrame:
    assessments = with_patient(study, "assessments", "death_date")
    return assessments[assessments["assessment_date"] > assessments["death_date"]]


def scan_after_last_contact(study: Study) -> pd.DataFrame:
    scans = with_patient(study, "scans", "last_contact_date")
    return scans[scans["scan_date"] > scans["last_contact_date"]]


def event_after_last_contact(study: Study) -> pd.DataFrame:
    events = with_patient(study, "events", "last_contact_date")
    return events[events["event_date"] > events["last_contact_date"]]


def assessment_after_last_contact(study: Study) -> pd.DataFrame:
    assessments = with_patient(study, "assessments", "last_contact_date")
    return assessments[assessments["assessment_date"] > assessments["last_contact_date"]]


def withdrawal_after_death(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["withdrawal_date"] > patients["death_date"]]


def withdrawal_before_randomisation(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["withdrawal_date"] < patients["randomisation_date"]]


def treatment_after_withdrawal(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["first_treatment_date"] > patients["withdrawal_date"]]


def event_after_withdrawal(study: Study) -> pd.DataFrame:
    events = with_patient(study, "events", "withdrawal_date")
    return events[events["event_date"] > events["withdrawal_date"]]


def scan_after_withdrawal(study: Study) -> pd.DataFrame:
    scans = with_patient(study, "scans", "withdrawal_date")
    return scans[scans["scan_date"] > scans["withdrawal_date"]]


def no_randomisation_date(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["randomisation_date"].isna()]


def no_allocation(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["randomisation_date"].notna() & patients["allocation"].isna()]


def allocation_without_randomisation(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["randomisation_date"].isna() & patients["allocation"].notna()]


def no_consent(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["consent_date"].isna()]


def consent_after_first_treatment(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["consent_date"] > patients["first_treatment_date"]]


def no_first_treatment(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["randomisation_date"].notna() & patients["first_treatment_date"].isna()]


def treatment_long_before_randomisation(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["first_treatment_date"] < patients["randomisation_date"] - pd.Timedelta(days=28)]


def treatment_long_after_randomisation(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["first_treatment_date"] > patients["randomisation_date"] + pd.Timedelta(days=60)]


def treatment_after_death(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["first_treatment_date"] > patients["death_date"]]


def no_birth_year(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[patients["birth_year"].isna()]


def age_out_of_reach(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    age = patients["randomisation_date"].dt.year - patients["birth_year"].astype("Float64")
    return patients[((age < YOUNGEST) | (age > OLDEST)).fillna(False).astype(bool)]


def er_expression_as_a_fraction(study: Study) -> pd.DataFrame:
    patients = study["patients"]
    return patients[(patients["er_percent"] > 0) & (patients["er_percent"] < 1)]


RULES = (
    Rule("DEATH_BEFORE_RANDOMISATION", "patients", "death_date", "death after randomisation", DATES, death_before_randomisation, "error"),
    Rule("CONTACT_AFTER_DEATH", "patients", "last_contact_date", "no contact after death", DATES, contact_after_death),
    Rule("CONTACT_LONG_BEFORE_DEATH", "patients", "last_contact_date", "last contact within a year of death", "Is the last contact up to date?", contact_long_before_death, "note"),
    Rule("CONTACT_BEFORE_RANDOMISATION", "patients", "last_contact_date", "on or after randomisation", DATES, contact_before_randomisation),
    Rule("NO_CONTACT", "patients", "last_contact_date, death_date", "a last contact or a death", "Is the patient alive, and when was she seen?", neither_contact_nor_death, "note"),
    Rule("SCAN_AFTER_DEATH", "scans", "scan_date", "no scan after death", DATES, scan_after_death, "error"),
    Rule("EVENT_AFTER_DEATH", "events", "event_date", "no event after death", DATES, event_after_death, "error"),
    Rule("ASSESSMENT_AFTER_DEATH", "assessments", "assessment_date", "no assessment after death", DATES, assessment_after_death, "error"),
    Rule("SCAN_AFTER_CONTACT", "scans", "scan_date", "no scan after the last contact", "A day in the future, or an old contact date?", scan_after_last_contact),
    Rule("EVENT_AFTER_CONTACT", "events", "event_date", "no event after the last contact", "A day in the future, or an old contact date?", event_after_last_contact),
    Rule("ASSESSMENT_AFTER_CONTACT", "assessments", "assessment_date", "no assessment after the last contact", "A day in the future, or an old contact date?", assessment_after_last_contact),
    Rule("WITHDRAWAL_AFTER_DEATH", "patients", "withdrawal_date", "no withdrawal after death", DATES, withdrawal_after_death),
    Rule("WITHDRAWAL_BEFORE_RANDOMISATION", "patients", "withdrawal_date", "on or after randomisation", DATES, withdrawal_before_randomisation),
    Rule("TREATMENT_AFTER_WITHDRAWAL", "patients", "first_treatment_date", "before withdrawal", DATES, treatment_after_withdrawal),
    Rule("EVENT_AFTER_WITHDRAWAL", "events", "event_date", "before withdrawal", "May it be used? See the consent", event_after_withdrawal, "note"),
    Rule("SCAN_AFTER_WITHDRAWAL", "scans", "scan_date", "before withdrawal", "May it be used? See the consent", scan_after_withdrawal, "note"),
    Rule("NO_RANDOMISATION_DATE", "patients", "randomisation_date", "a date", "PFS1 cannot be derived without it", no_randomisation_date, "error"),
    Rule("NO_ALLOCATION", "patients", "allocation", "A or B for a randomised patient", "Leaves the models: they adjust for it", no_allocation, "error"),
    Rule("ALLOCATION_WITHOUT_DATE", "patients", "allocation, randomisation_date", "a date of randomisation", DATES, allocation_without_randomisation),
    Rule("NO_CONSENT", "patients", "consent_date", "a date", "Was consent given?", no_consent, "note"),
    Rule("CONSENT_AFTER_TREATMENT", "patients", "consent_date", "consent before treatment", DATES, consent_after_first_treatment),
    Rule("NO_FIRST_TREATMENT", "patients", "first_treatment_date", "a date", "Baselines count from randomisation instead", no_first_treatment, "note"),
    Rule("TREATMENT_LONG_BEFORE", "patients", "first_treatment_date", "at most 28 days before randomisation (SONIA)", DATES, treatment_long_before_randomisation),
    Rule("TREATMENT_LATE", "patients", "first_treatment_date", "at most 60 days after randomisation", DATES, treatment_long_after_randomisation),
    Rule("TREATMENT_AFTER_DEATH", "patients", "first_treatment_date", "before death", DATES, treatment_after_death, "error"),
    Rule("NO_BIRTH_YEAR", "patients", "birth_year", "a year", "Age cannot be judged", no_birth_year, "note"),
    Rule("AGE", "patients", "birth_year", "18 to 100 years at randomisation", "A slip in the year?", age_out_of_reach),
    Rule("ER_FRACTION", "patients", "er_percent", "0, or 1 to 100 percent", "A fraction for a percentage?", er_expression_as_a_fraction),
)  # fmt: skip
