"""Questions about values that could not be read, and rows that could not be linked."""

from sonimage.checks.asking.questions.question import Question

QUESTIONS = {
    "UNREADABLE": Question(
        "This value cannot be read. What is the right value?",
        "Deze waarde kan niet worden gelezen. Wat is de juiste waarde?",
        ("expected",),
    ),
    "OUT_OF_RANGE": Question(
        "This value lies outside what is possible. What is the right value?",
        "Deze waarde ligt buiten wat mogelijk is. Wat is de juiste waarde?",
        ("expected",),
    ),
    "DATE_FORMS_DISAGREE": Question(
        "This date can be read in two ways. Which day is meant?",
        "Deze datum kan op twee manieren worden gelezen. Welke dag is bedoeld?",
        ("expected",),
    ),
    "UNMAPPED_ORGAN": Question(
        "This organ is not in our list. Which of the organs is it?",
        "Dit orgaan staat niet in onze lijst. Welk van de organen is het?",
        ("expected",),
    ),
    "PARTIAL_DATE": Question(
        "Only part of this date is known. What is the full date?",
        "Van deze datum is maar een deel bekend. Wat is de volledige datum?",
    ),
    "ROW_WITHOUT_DATA": Question(
        "This row bears a patient number unlike all others, and hardly anything else. Is it a row of data?",
        "Deze rij heeft een patiëntnummer dat op geen ander lijkt, en verder bijna niets. Is het een rij met gegevens?",
    ),
    "STATE_EMPTY": Question(
        "A size is given, and the state of the lesion is empty. Was it measured?",
        "Er is een maat, maar de toestand van de laesie is leeg. Is zij gemeten?",
        ("measurements.diameter_mm",),
    ),
    "SOURCES_DISAGREE": Question(
        "Two sources give two values; the analysis uses this one. Is it right?",
        "Twee bronnen geven twee waarden; de analyse gebruikt deze. Klopt die?",
        ("the other source",),
    ),
    "READINGS_CONTRADICT": Question(
        "One reading stands in several rows with different values. Is this the right one? (drop row: this row is wrong; new value: what is right)",
        "Eén beoordeling staat in meer rijen met verschillende waarden. Is dit de juiste? (drop row: deze rij is fout; new value: wat klopt)",
        ("the other rows",),
    ),
    "ORPHAN_PATIENT": Question(
        "This patient number leads to no patient of the study. Which patient is it?",
        "Dit patiëntnummer leidt naar geen patiënt van de studie. Welke patiënt is het?",
    ),
    "ORPHAN_SCAN": Question(
        "This reading leads to no scan of the patient. What are the right scan and date?",
        "Deze beoordeling leidt naar geen scan van de patiënt. Wat zijn de juiste scan en datum?",
        ("scans of the patient",),
    ),
    "ORPHAN_LESION": Question(
        "This reading leads to no lesion of the patient. Which lesion is it?",
        "Deze beoordeling leidt naar geen laesie van de patiënt. Welke laesie is het?",
        ("lesions of the patient",),
    ),
    "KEY_WITHOUT_PATIENT": Question(
        "The key table names a patient who has no record in the export. Is her record lacking?",
        "De sleuteltabel noemt een patiënt zonder record in de export. Ontbreekt haar record?",
    ),
    "LINK_DISAGREES": Question(
        "The key table and the patient's record differ. Is it the right patient, and is this value right?",
        "De sleuteltabel en het record van de patiënt verschillen. Is het de juiste patiënt, en klopt deze waarde?",
        ("the key table",),
    ),
    "LESION_LINK": Question(
        "The numbers of lesions on two scans and their places do not agree. Is the numbering right? (see the review)",
        "De laesienummers op twee scans en hun plaats komen niet overeen. Klopt de nummering? (zie de review)",
        ("expected", "sizes of the lesion", "uptake of the lesion"),
    ),
}
