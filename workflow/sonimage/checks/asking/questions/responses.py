"""Questions about the investigator's responses and the events on treatment."""

from sonimage.checks.asking.questions.question import Question

QUESTIONS = {
    "REPEATED_ASSESSMENT": Question(
        "This assessment stands twice on one day. Is one of the two to be dropped?",
        "Deze beoordeling staat op één dag twee keer. Moet een van de twee vervallen?",
        ("assessments of the patient",),
    ),
    "TWO_ANSWERS_A_DAY": Question(
        "Two assessments of one day give two responses. Which one is right?",
        "Twee beoordelingen van één dag geven twee responsen. Welke klopt?",
        ("assessments of the patient",),
    ),
    "BETTER_AFTER_PD": Question(
        "This response follows a progression. Is its date right, or was the progression none?",
        "Deze respons volgt op progressie. Klopt de datum, of was het geen progressie?",
        ("assessments of the patient",),
    ),
    "ASSESSMENT_WITHOUT_CT": Question(
        "No CT lies within 28 days of this assessment. Is a CT lacking in the export, or is the date wrong?",
        "Er is geen CT binnen 28 dagen van deze beoordeling. Ontbreekt er een CT in de export, of is de datum onjuist?",
        ("CTs of the patient",),
    ),
    "PARTS_AGAINST_OVERALL": Question(
        "The overall response does not follow from its parts (RECIST 1.1 table 1). Which of them is right?",
        "De totale respons volgt niet uit de onderdelen (RECIST 1.1 tabel 1). Welke klopt?",
    ),
    "CR_WITH_TARGET": Question(
        "The response is complete while a target lesion still has a size. A scar, or no complete response?",
        "De respons is compleet terwijl een targetlaesie nog een maat heeft. Een litteken, of geen complete respons?",
        ("sizes of the patient's targets",),
    ),
    "ASSESSMENT_BEFORE_RANDOMISATION": Question(
        "This assessment is dated before randomisation. Which of the two dates is right?",
        "Deze beoordeling is gedateerd vóór de randomisatie. Welke van de twee datums klopt?",
        ("patients.randomisation_date",),
    ),
    "NEVER_ASSESSED": Question(
        "The patient has follow-up CTs and no assessment by the investigator. Is the form lacking in the export?",
        "De patiënt heeft vervolg-CT's maar geen beoordeling door de onderzoeker. Ontbreekt het formulier in de export?",
        ("CTs of the patient",),
    ),
    "REPEATED_EVENT": Question(
        "This event stands twice with one date. Is one of the two to be dropped?",
        "Deze gebeurtenis staat twee keer met dezelfde datum. Moet een van de twee vervallen?",
        ("events of the patient",),
    ),
    "EVENT_TWICE": Question(
        "This event is recorded on two days; the first one counts. Are both right?",
        "Deze gebeurtenis is op twee dagen vastgelegd; de eerste telt. Kloppen beide?",
        ("events of the patient",),
    ),
    "EVENT_BEFORE_RANDOMISATION": Question(
        "This event is dated before randomisation. Which of the two dates is right?",
        "Deze gebeurtenis is gedateerd vóór de randomisatie. Welke van de twee datums klopt?",
        ("patients.randomisation_date",),
    ),
    "EVENT_BEFORE_TREATMENT": Question(
        "This event is dated before the first day of treatment. Which of the two dates is right?",
        "Deze gebeurtenis is gedateerd vóór de eerste behandeldag. Welke van de twee datums klopt?",
        ("patients.first_treatment_date", "patients.randomisation_date"),
    ),
    "NEW_AGENT_SAME_DAY": Question(
        "A new therapeutic agent starts on the very day of the progression. Is its date right?",
        "Een nieuw middel start op precies de dag van de progressie. Klopt de datum?",
        ("assessments of the patient",),
    ),
    "RESUMED_WITHOUT_BREAK": Question(
        "Therapy is resumed without a break before it. Is a break lacking, or is the date wrong?",
        "De behandeling is hervat zonder onderbreking ervoor. Ontbreekt een onderbreking, of is de datum onjuist?",
        ("events of the patient",),
    ),
    "BREAK_IN_BREAK": Question(
        "A break begins before therapy was resumed from the break before. Is a date of resumption lacking?",
        "Een onderbreking begint voordat de behandeling na de vorige is hervat. Ontbreekt een datum van hervatting?",
        ("events of the patient",),
    ),
}
