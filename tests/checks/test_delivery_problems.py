"""The check of a delivery: every problem of every file, with what could be meant."""

import re

from plain_study import PLAIN, replace
from sonimage.checks import delivery_problems
from sonimage.exports import maps


def test_the_check_of_a_delivery_lists_every_problem_with_what_could_be_meant(raw):
    replace(raw, "scans", "modality", "modalty")
    (raw / "events.csv").write_text("")
    replace(raw, "patients", "centre,", "centre;")
    problems = delivery_problems.check_exports(raw, maps.load(PLAIN))
    assert set(problems["severity"]) == {"fault"} and set(problems["file"]) == {
        "scans.csv",
        "events.csv",
        "patients.csv",
    }
    assert "Did you mean 'modalty'" in delivery_problems.in_words(problems)


def test_the_check_names_decimal_mark_and_date_form_that_would_fit(raw):
    replace(raw, "measurements", "20.5", '"20,5"')
    replace(raw, "scans", "2020-01-05", "05-01-2020")
    problems = delivery_problems.check_exports(raw, maps.load(PLAIN))
    remedies = " ".join(problems["remedy"].fillna(""))
    assert "declare `decimal: ','`" in remedies and "declare `date: '%d-%m-%Y'`" in remedies
    assert not re.search(r"20,5|05-01", delivery_problems.in_words(problems))
