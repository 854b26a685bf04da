"""Questions about PET scans and their readings."""

from sonimage.checks.asking.questions.question import Question

QUESTIONS = {
    "NO_SCAN": Question(
        "The patient has no scan in the delivery. Is her imaging lacking?",
        "De patiënt heeft geen scan in de levering. Ontbreekt haar beeldvorming?",
    ),
    "NO_FES": Question(
        "The patient has no FES-PET in the delivery. Was it not done, or is it lacking?",
        "De patiënt heeft geen FES-PET in de levering. Is deze niet gemaakt, of ontbreekt hij?",
        ("scans of the patient",),
    ),
    "NO_BASELINE_CT": Question(
        "No CT is dated on or before the start of treatment. Is the baseline CT lacking?",
        "Er is geen CT op of vóór de start van de behandeling. Ontbreekt de baseline-CT?",
        ("patients.first_treatment_date", "CTs of the patient"),
    ),
    "BASELINE_CT_EARLY": Question(
        "The last CT before treatment is more than four weeks before it. Is a later CT lacking?",
        "De laatste CT vóór de behandeling ligt meer dan vier weken ervoor. Ontbreekt een latere CT?",
        ("patients.first_treatment_date", "CTs of the patient"),
    ),
    "SCAN_LONG_BEFORE": Question(
        "This scan is dated more than 90 days before randomisation. Which of the two dates is right?",
        "Deze scan is meer dan 90 dagen vóór de randomisatie gedateerd. Welke van de twee datums klopt?",
        ("patients.randomisation_date",),
    ),
    "FES_LATE": Question(
        "The FES-PET is dated more than 28 days after the start of treatment. Which of the two dates is right?",
        "De FES-PET is meer dan 28 dagen na de start van de behandeling gedateerd. Welke van de twee datums klopt?",
        ("patients.first_treatment_date",),
    ),
    "CONSENT_AFTER_FES": Question(
        "Consent is dated after this FES-PET. Which of the two dates is right?",
        "De toestemming is gedateerd na deze FES-PET. Welke van de twee datums klopt?",
        ("patients.consent_date",),
    ),
    "LIGAND_WASHOUT": Question(
        "An oestrogen receptor ligand was used less than five weeks before this FES-PET. Are both dates right?",
        "Minder dan vijf weken vóór deze FES-PET is een ER-ligand gebruikt. Kloppen beide datums?",
        ("patients.last_er_ligand_date", "patients.last_er_ligand"),
    ),
    "TWO_SCANS_A_DAY": Question(
        "Two scans of one tracer bear the same day. Is one to be dropped, or is a date or tracer wrong?",
        "Twee scans met dezelfde tracer hebben dezelfde dag. Moet er een vervallen, of is een datum of tracer onjuist?",
        ("scans of the patient",),
    ),
    "WEIGHT": Question(
        "The body weight is below 30 or above 200 kg. Is it right, or in another unit (grams, pounds)?",
        "Het lichaamsgewicht is lager dan 30 of hoger dan 200 kg. Klopt het, of is het een andere eenheid (gram, pond)?",
        ("weights and heights of the patient",),
    ),
    "HEIGHT": Question(
        "The body height is below 120 or above 210 cm. Is it right, or in another unit (metres)?",
        "De lengte is kleiner dan 120 of groter dan 210 cm. Klopt zij, of is het een andere eenheid (meter)?",
        ("weights and heights of the patient",),
    ),
    "ACTIVITY": Question(
        "The injected activity is below 50 or above 600 MBq. Is it right, or in another unit (kBq, Bq)?",
        "De toegediende activiteit is lager dan 50 of hoger dan 600 MBq. Klopt zij, of is het een andere eenheid (kBq, Bq)?",
        ("scans.weight_kg",),
    ),
    "GLUCOSE": Question(
        "The blood glucose is below 2 or above 15 mmol/L. Is it right, or in mg/dL?",
        "De bloedglucose is lager dan 2 of hoger dan 15 mmol/L. Klopt zij, of is het mg/dL?",
    ),
    "HALF_LIFE": Question(
        "The half-life in the header is not that of fluorine-18 (6586 s). Another nuclide, or minutes?",
        "De halfwaardetijd in de header is niet die van fluor-18 (6586 s). Een ander nuclide, of minuten?",
    ),
    "UPTAKE_TIME": Question(
        "The scan began less than 30 or more than 120 minutes after injection. Are both times right?",
        "De scan begon minder dan 30 of meer dan 120 minuten na injectie. Kloppen beide tijden?",
        ("scans.injection_date",),
    ),
    "NO_WEIGHT": Question(
        "The body weight is missing in the header. What did the patient weigh?",
        "Het lichaamsgewicht ontbreekt in de header. Wat woog de patiënt?",
        ("weights and heights of the patient",),
    ),
    "NO_ACTIVITY": Question(
        "The injected activity is missing in the header. What was injected?",
        "De toegediende activiteit ontbreekt in de header. Wat is toegediend?",
    ),
    "NO_TIMES": Question(
        "The time of injection or of acquisition is missing. What are they?",
        "De tijd van injectie of van acquisitie ontbreekt. Wat zijn de tijden?",
    ),
    "NO_DECAY_CORRECTION": Question(
        "By the header the images are not corrected for decay. Are the SUVs corrected?",
        "Volgens de header zijn de beelden niet voor verval gecorrigeerd. Zijn de SUV's gecorrigeerd?",
    ),
    "UNITS": Question(
        "The units of the images are unknown to us. Which units are they in?",
        "De eenheid van de beelden is ons onbekend. Wat is de eenheid?",
    ),
    "WEIGHTS_DIFFER": Question(
        "The weights at the patient's PET scans differ by more than 10 %. Which one is right?",
        "De gewichten bij de PET-scans van de patiënt verschillen meer dan 10 %. Welk klopt?",
        ("weights and heights of the patient",),
    ),
    "HEIGHTS_DIFFER": Question(
        "The heights at the patient's PET scans differ by more than 2 cm. Which one is right?",
        "De lengtes bij de PET-scans van de patiënt verschillen meer dan 2 cm. Welke klopt?",
        ("weights and heights of the patient",),
    ),
    "PET_WITHOUT_READING": Question(
        "This PET has no reading of any lesion. Were no lesions seen, or is a table lacking?",
        "Van deze PET is geen enkele laesie beoordeeld. Zijn er geen laesies gezien, of ontbreekt een tabel?",
        ("scans of the patient",),
    ),
    "EMPTY_READING": Question(
        "This reading has neither an SUVmax nor a visual call. What was read?",
        "Deze beoordeling heeft geen SUVmax en geen visueel oordeel. Wat is er gezien?",
        ("uptake of the lesion",),
    ),
    "SUV": Question(
        "The SUVmax is 0 or above 60. Is it an SUV, and is it right?",
        "De SUVmax is 0 of hoger dan 60. Is het een SUV, en klopt hij?",
        ("uptake of the lesion", "uptake on the scan"),
    ),
    "SUV_ORDER": Question(
        "SUVmean or SUVpeak is above SUVmax. Were columns exchanged?",
        "SUVmean of SUVpeak is hoger dan SUVmax. Zijn kolommen verwisseld?",
        ("uptake of the lesion",),
    ),
    "VOLUME": Question(
        "The volume is 0 or above 2000 mL. Is it right, or in mm3?",
        "Het volume is 0 of groter dan 2000 mL. Klopt het, of is het mm3?",
    ),
    "SAME_SUVS": Question(
        "Three or more lesions have one and the same SUVmax on this scan. Was a value copied down the column?",
        "Drie of meer laesies hebben op deze scan precies dezelfde SUVmax. Is een waarde in de kolom doorgekopieerd?",
        ("uptake on the scan",),
    ),
    "SAME_ON_BOTH_TRACERS": Question(
        "The lesion has the very SUVmax on FES-PET and on FDG-PET, as other lesions of the patient have. Was a column copied?",
        "De laesie heeft op FES-PET en FDG-PET exact dezelfde SUVmax, net als andere laesies van de patiënt. Is een kolom gekopieerd?",
        ("uptake of the lesion",),
    ),
    "CALL_AGAINST_SUV": Question(
        "The visual call and the SUVmax contradict each other. Which is right, or were FES and FDG exchanged?",
        "Het visuele oordeel en de SUVmax spreken elkaar tegen. Welke klopt, of zijn FES en FDG verwisseld?",
        ("uptake of the lesion",),
    ),
}
