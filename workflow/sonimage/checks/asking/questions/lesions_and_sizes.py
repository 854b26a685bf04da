"""Questions about lesions and their sizes on CT."""

from sonimage.checks.asking.questions.question import Question

QUESTIONS = {
    "TARGETS": Question(
        "The patient has more than five target lesions (RECIST 1.1). Is this lesion a target?",
        "De patiënt heeft meer dan vijf targetlaesies (RECIST 1.1). Is deze laesie een target?",
        ("lesions of the patient",),
    ),
    "TARGETS_PER_ORGAN": Question(
        "The patient has more than two target lesions in this organ (RECIST 1.1). Is this lesion a target, and in this organ?",
        "De patiënt heeft meer dan twee targetlaesies in dit orgaan (RECIST 1.1). Is deze laesie een target, en in dit orgaan?",
        ("lesions of the patient",),
    ),
    "IRRADIATED_TARGET": Question(
        "A target lesion was irradiated before. Has it progressed since, and is it a target?",
        "Een targetlaesie is eerder bestraald. Is zij sindsdien progressief, en is zij een target?",
        ("sizes of the lesion",),
    ),
    "BONE_TARGET": Question(
        "A bone lesion is a target. Has it a soft-tissue part that can be measured?",
        "Een botlaesie is een target. Heeft zij een meetbaar wekedelendeel?",
        ("sizes of the lesion",),
    ),
    "ROLE_WITHOUT_CT": Question(
        "The lesion has a role in RECIST 1.1, but no reading on CT. Was it read on CT?",
        "De laesie heeft een rol in RECIST 1.1, maar geen meting of beoordeling op CT. Is zij op CT beoordeeld?",
        ("uptake of the lesion",),
    ),
    "LESION_WITHOUT_READING": Question(
        "The lesion is listed, but has no size and no uptake. Is a reading lacking in the export?",
        "De laesie staat in de lijst, maar heeft geen maat en geen opname. Ontbreekt er een beoordeling in de export?",
        ("lesions.organ", "lesions.role"),
    ),
    "NO_ORGAN": Question(
        "The organ of the lesion is missing. In which organ does it lie?",
        "Het orgaan van de laesie ontbreekt. In welk orgaan ligt zij?",
        ("sizes of the lesion", "uptake of the lesion"),
    ),
    "NODE_ORGAN": Question(
        "The lesion is called a lymph node, and its organ says otherwise (or the other way round). Which of the two is right?",
        "De laesie heet een lymfeklier, maar het orgaan zegt iets anders (of omgekeerd). Welke van de twee klopt?",
    ),
    "PAIRED_MIDLINE": Question(
        "The lesion lies in an organ that has two sides, and its side is the midline. Which side is it?",
        "De laesie ligt in een dubbelzijdig orgaan, maar de zijde is midline. Welke kant is het?",
    ),
    "MERGED_NOWHERE": Question(
        "The lesion has merged into a number that is no other lesion of the patient. Into which lesion did it merge?",
        "De laesie is samengevloeid met een nummer dat geen andere laesie van de patiënt is. Met welke laesie is zij samengevloeid?",
        ("lesions of the patient",),
    ),
    "TARGET_TOO_SMALL": Question(
        "The first size of this target lesion is below what RECIST 1.1 calls measurable (10 mm, nodes 15 mm). Is the size right?",
        "De eerste maat van deze targetlaesie is kleiner dan meetbaar volgens RECIST 1.1 (10 mm, klieren 15 mm). Klopt de maat?",
        ("sizes of the lesion", "lesions.is_node"),
    ),
    "TARGET_NOT_MEASURED": Question(
        "This target lesion has no size on the first CT. Was it measured there, and is it a target?",
        "Deze targetlaesie heeft geen maat op de eerste CT. Is zij daar gemeten, en is zij een target?",
        ("sizes of the lesion",),
    ),
    "TARGET_WITHOUT_SIZE": Question(
        "This target lesion is called present without a size. What does it measure, or is it too small to measure?",
        "Deze targetlaesie heet aanwezig zonder maat. Wat is de maat, of is zij te klein om te meten?",
        ("sizes of the lesion",),
    ),
    "TARGET_LEFT_OUT": Question(
        "This target lesion has no reading on a CT on which other targets of the patient were read. Was it not evaluable, absent, or forgotten?",
        "Deze targetlaesie is niet beoordeeld op een CT waarop andere targets wel zijn beoordeeld. Was zij niet beoordeelbaar, afwezig of vergeten?",
        ("sizes of the lesion", "CTs of the patient"),
    ),
    "NEW_ON_FIRST_CT": Question(
        "This lesion is called new, and was seen on the patient's first CT. Is it new, or was it there at baseline?",
        "Deze laesie heet nieuw, maar is al op de eerste CT gezien. Is zij nieuw, of was zij er bij baseline al?",
        ("sizes of the lesion", "lesions.role"),
    ),
    "ROLE_AFTER_BASELINE": Question(
        "This target or non-target lesion was first read after the first CT. Is it a new lesion?",
        "Deze target- of non-targetlaesie is pas na de eerste CT beoordeeld. Is het een nieuwe laesie?",
        ("sizes of the lesion", "lesions.role", "CTs of the patient"),
    ),
    "NEW_WITHOUT_PD": Question(
        "A new lesion was seen, and the investigator's assessment within 14 days is no progression. Is the lesion equivocal, or is the assessment to be corrected?",
        "Er is een nieuwe laesie gezien, maar de beoordeling van de onderzoeker binnen 14 dagen is geen progressie. Is de laesie twijfelachtig, of moet de beoordeling worden gecorrigeerd?",
        ("sizes of the lesion", "assessments of the patient"),
    ),
    "LESION_COMES_BACK": Question(
        "The lesion was absent before, and is seen again on this CT. Is that right?",
        "De laesie was eerder afwezig en wordt op deze CT weer gezien. Klopt dat?",
        ("sizes of the lesion",),
    ),
    "FINER_THAN_HUNDREDTHS": Question(
        "The size has more than two decimals. What was measured?",
        "De maat heeft meer dan twee decimalen. Wat is er gemeten?",
        ("sizes of the lesion",),
    ),
    "SIZE_JUMP": Question(
        "The size changed fivefold or more between two consecutive CTs. Is it right, or were cm and mm exchanged?",
        "De maat is tussen twee opeenvolgende CT's met een factor vijf of meer veranderd. Klopt dat, of zijn cm en mm verwisseld?",
        ("sizes of the lesion",),
    ),
    "SIZE_BEYOND_BODY": Question(
        "The size is larger than 300 mm. Is it right, or were cm and mm exchanged?",
        "De maat is groter dan 300 mm. Klopt dat, of zijn cm en mm verwisseld?",
        ("sizes of the lesion",),
    ),
    "NO_SIZE": Question(
        "The lesion is called measured, and its size is missing. What does it measure?",
        "De laesie heet gemeten, maar de maat ontbreekt. Wat is de maat?",
        ("sizes of the lesion",),
    ),
    "SIZE_ZERO": Question(
        "The lesion is called measured with a size of 0. Was it absent?",
        "De laesie heet gemeten met een maat van 0. Was zij afwezig?",
        ("sizes of the lesion",),
    ),
    "ABSENT_WITH_SIZE": Question(
        "The lesion is called absent, and a size is given. Which of the two is right?",
        "De laesie heet afwezig, maar er is een maat. Welke van de twee klopt?",
        ("sizes of the lesion",),
    ),
    "SAME_SIZES": Question(
        "Three or more lesions have one and the same size on this CT. Was a value copied down the column?",
        "Drie of meer laesies hebben op deze CT precies dezelfde maat. Is een waarde in de kolom doorgekopieerd?",
        ("sizes on the scan",),
    ),
    "TWO_CTS_A_WEEK": Question(
        "The lesion was read on two CTs at most a week apart. Which of the two is the assessment, and is the date right?",
        "De laesie is op twee CT's met hoogstens een week ertussen beoordeeld. Welke van de twee is de beoordeling, en klopt de datum?",
        ("sizes of the lesion",),
    ),
}
