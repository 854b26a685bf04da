"""Questions about death, contact, withdrawal, randomisation and treatment."""

from sonimage.checks.asking.questions.question import Question

QUESTIONS = {
    "DEATH_BEFORE_RANDOMISATION": Question(
        "The patient died before she was randomised. Which of the two dates is right?",
        "De patiënt is overleden vóór de randomisatie. Welke van de twee datums klopt?",
        ("patients.randomisation_date",),
    ),
    "CONTACT_AFTER_DEATH": Question(
        "The last contact is after the patient's death. Which of the two dates is right?",
        "Het laatste contact ligt na het overlijden. Welke van de twee datums klopt?",
        ("patients.death_date",),
    ),
    "CONTACT_LONG_BEFORE_DEATH": Question(
        "The last contact is more than a year before the patient's death. Is the last contact up to date?",
        "Het laatste contact ligt meer dan een jaar vóór het overlijden. Is het laatste contact bijgewerkt?",
        ("patients.death_date",),
    ),
    "CONTACT_BEFORE_RANDOMISATION": Question(
        "The last contact is before randomisation. Which of the two dates is right?",
        "Het laatste contact ligt vóór de randomisatie. Welke van de twee datums klopt?",
        ("patients.randomisation_date",),
    ),
    "NO_CONTACT": Question(
        "Neither a last contact nor a death is recorded. Is the patient alive, and when was she last seen?",
        "Er is geen laatste contact en geen overlijden vastgelegd. Leeft de patiënt, en wanneer is zij voor het laatst gezien?",
        ("patients.randomisation_date",),
    ),
    "SCAN_AFTER_DEATH": Question(
        "This scan is dated after the patient's death. Which of the two dates is right?",
        "Deze scan is gedateerd na het overlijden van de patiënt. Welke van de twee datums klopt?",
        ("patients.death_date",),
    ),
    "EVENT_AFTER_DEATH": Question(
        "This event is dated after the patient's death. Which of the two dates is right?",
        "Deze gebeurtenis is gedateerd na het overlijden van de patiënt. Welke van de twee datums klopt?",
        ("patients.death_date",),
    ),
    "ASSESSMENT_AFTER_DEATH": Question(
        "This assessment is dated after the patient's death. Which of the two dates is right?",
        "Deze beoordeling is gedateerd na het overlijden van de patiënt. Welke van de twee datums klopt?",
        ("patients.death_date",),
    ),
    "SCAN_AFTER_CONTACT": Question(
        "This scan is dated after the patient's last contact. Is the scan date right, or is the last contact not up to date?",
        "Deze scan is gedateerd na het laatste contact. Klopt de scandatum, of is het laatste contact niet bijgewerkt?",
        ("patients.last_contact_date",),
    ),
    "EVENT_AFTER_CONTACT": Question(
        "This event is dated after the patient's last contact. Is its date right, or is the last contact not up to date?",
        "Deze gebeurtenis is gedateerd na het laatste contact. Klopt de datum, of is het laatste contact niet bijgewerkt?",
        ("patients.last_contact_date",),
    ),
    "ASSESSMENT_AFTER_CONTACT": Question(
        "This assessment is dated after the patient's last contact. Is its date right, or is the last contact not up to date?",
        "Deze beoordeling is gedateerd na het laatste contact. Klopt de datum, of is het laatste contact niet bijgewerkt?",
        ("patients.last_contact_date",),
    ),
    "WITHDRAWAL_AFTER_DEATH": Question(
        "The withdrawal is dated after the patient's death. Which of the two dates is right?",
        "De terugtrekking is gedateerd na het overlijden. Welke van de twee datums klopt?",
        ("patients.death_date",),
    ),
    "WITHDRAWAL_BEFORE_RANDOMISATION": Question(
        "The withdrawal is dated before randomisation. Which of the two dates is right?",
        "De terugtrekking is gedateerd vóór de randomisatie. Welke van de twee datums klopt?",
        ("patients.randomisation_date",),
    ),
    "TREATMENT_AFTER_WITHDRAWAL": Question(
        "The first day of treatment is after the withdrawal. Which of the two dates is right?",
        "De eerste behandeldag ligt na de terugtrekking. Welke van de twee datums klopt?",
        ("patients.withdrawal_date",),
    ),
    "EVENT_AFTER_WITHDRAWAL": Question(
        "This event is dated after the patient withdrew. May it be used under her consent, and is the date right?",
        "Deze gebeurtenis is gedateerd na de terugtrekking. Mag deze volgens de toestemming worden gebruikt, en klopt de datum?",
        ("patients.withdrawal_date",),
    ),
    "SCAN_AFTER_WITHDRAWAL": Question(
        "This scan is dated after the patient withdrew. May it be used under her consent, and is the date right?",
        "Deze scan is gedateerd na de terugtrekking. Mag deze volgens de toestemming worden gebruikt, en klopt de datum?",
        ("patients.withdrawal_date",),
    ),
    "NO_RANDOMISATION_DATE": Question(
        "The date of randomisation is missing. On which day was the patient randomised?",
        "De randomisatiedatum ontbreekt. Op welke dag is de patiënt gerandomiseerd?",
        ("patients.consent_date", "patients.first_treatment_date"),
    ),
    "NO_ALLOCATION": Question(
        "The patient was randomised, but her arm is missing. To which arm was she allocated?",
        "De patiënt is gerandomiseerd, maar de arm ontbreekt. Aan welke arm is zij toegewezen?",
        ("patients.randomisation_date",),
    ),
    "ALLOCATION_WITHOUT_DATE": Question(
        "An arm is recorded, but no date of randomisation. Was the patient randomised, and when?",
        "Er is een arm vastgelegd, maar geen randomisatiedatum. Is de patiënt gerandomiseerd, en wanneer?",
        ("patients.first_treatment_date",),
    ),
    "NO_CONSENT": Question(
        "The date of consent is missing. Was consent given, and when?",
        "De datum van toestemming ontbreekt. Is er toestemming gegeven, en wanneer?",
        ("patients.randomisation_date",),
    ),
    "CONSENT_AFTER_TREATMENT": Question(
        "Consent is dated after the first day of treatment. Which of the two dates is right?",
        "De toestemming is gedateerd na de eerste behandeldag. Welke van de twee datums klopt?",
        ("patients.first_treatment_date",),
    ),
    "NO_FIRST_TREATMENT": Question(
        "The first day of first-line treatment is missing. When did treatment start?",
        "De eerste dag van de eerstelijnsbehandeling ontbreekt. Wanneer is de behandeling gestart?",
        ("patients.randomisation_date",),
    ),
    "TREATMENT_LONG_BEFORE": Question(
        "Treatment started more than 28 days before randomisation. Which of the two dates is right?",
        "De behandeling is meer dan 28 dagen vóór de randomisatie gestart. Welke van de twee datums klopt?",
        ("patients.randomisation_date",),
    ),
    "TREATMENT_LATE": Question(
        "Treatment started more than 60 days after randomisation. Which of the two dates is right?",
        "De behandeling is meer dan 60 dagen na de randomisatie gestart. Welke van de twee datums klopt?",
        ("patients.randomisation_date",),
    ),
    "TREATMENT_AFTER_DEATH": Question(
        "The first day of treatment is after the patient's death. Which of the two dates is right?",
        "De eerste behandeldag ligt na het overlijden. Welke van de twee datums klopt?",
        ("patients.death_date",),
    ),
    "NO_BIRTH_YEAR": Question(
        "The year of birth is missing. In which year was the patient born?",
        "Het geboortejaar ontbreekt. In welk jaar is de patiënt geboren?",
    ),
    "AGE": Question(
        "By this year of birth the patient was younger than 18 or older than 100 at randomisation. Is the year right?",
        "Volgens dit geboortejaar was de patiënt bij randomisatie jonger dan 18 of ouder dan 100. Klopt het jaar?",
        ("patients.randomisation_date",),
    ),
    "ER_FRACTION": Question(
        "ER expression is a number between 0 and 1. Is it a fraction where a percentage was asked for?",
        "De ER-expressie is een getal tussen 0 en 1. Is dit een fractie in plaats van een percentage?",
    ),
}
