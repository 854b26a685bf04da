"""How a site answers, in English and in Dutch: the second sheet of its workbook. The first line is the sheet's name."""

HOW = {
    "en": (
        "How to answer",
        "Please answer in the four yellow columns of the sheet Queries; the other cells are protected. Each row is one question about one value of your own data.",
        "answer: right (the value is right), new value (another value is right), drop row (the row should not be there).",
        "new_value: only with the answer new value. Write the right value as your own file would, in the unit beside it. Dates as 31-12-2026.",
        "If the value is wrong and the right one is not known, write missing.",
        "Where several columns are asked about, or where a value beside is the wrong one, name the column: death_date=31-12-2026. Part several by a semicolon.",
        "answered_by, answered_on: who answers, and the day. An answer without them cannot be used.",
        "beside: the values that made us ask. meanwhile: what the analysis does until there is an answer.",
        "Rows without an answer stay open. Please keep query_id and value as they are: they show which question was answered.",
    ),
    "nl": (
        "Uitleg",
        "Vul de vier gele kolommen van het blad Queries in; de andere cellen zijn beveiligd. Elke rij is één vraag over één waarde uit uw eigen gegevens.",
        "answer: right (de waarde klopt), new value (een andere waarde klopt), drop row (de rij hoort er niet te zijn).",
        "new_value: alleen bij het antwoord new value. Schrijf de juiste waarde zoals in uw eigen bestand, in de eenheid die ernaast staat. Datums als 31-12-2026.",
        "Is de waarde fout en de juiste niet bekend, schrijf dan missing.",
        "Gaat de vraag over meer kolommen, of is een waarde ernaast de foute, noem dan de kolom: death_date=31-12-2026. Scheid er meer met een puntkomma.",
        "answered_by, answered_on: wie antwoordt, en de dag. Zonder deze kan een antwoord niet worden gebruikt.",
        "beside: de waarden waarom wij het vragen. meanwhile: wat de analyse doet tot er een antwoord is.",
        "Rijen zonder antwoord blijven open. Laat query_id en value zoals ze zijn: daaraan zien wij welke vraag is beantwoord.",
    ),
}
