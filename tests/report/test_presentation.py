"""Presentation: rounding, escaping and figures that can be drawn from nothing."""

import numpy as np
import pandas as pd
import pytest
from sonimage import schemas, tables
from sonimage.report import pages
from sonimage.report.figures import curves_and_forests, drawing, lesions_and_uptake, response
from sonimage.report.presentation import cells, cox_models, survival_times
from worked_tables import table


@pytest.mark.parametrize(
    "numbers, text",
    [
        ((1.335, 0.8, 2.261), "1.33 (0.80–2.26)"),
        ((1.0, np.nan, 2.0), "1.00 (– to 2.00)"),
        ((52.47, np.nan, np.nan), "52.47"),
        ((np.nan, 1, 2), "–"),
    ],
)
def test_an_estimate_stands_with_its_limits(numbers, text):
    assert cells.estimate(*numbers) == text


@pytest.mark.parametrize("value, text", [(0.0004, "<0.001"), (0.0456, "0.046"), (np.nan, "–")])
def test_p_values(value, text):
    assert cells.p_value(value) == text


def test_text_from_data_carries_no_markup_into_a_page():
    shown = cells.table_html(pd.DataFrame({"a": ["<script>alert(1)</script>"]}))
    assert "<script>" not in shown and "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    "label, words",
    [("simulated", "SIMULATED DATA"), ("status not declared", "status not declared"), ("<b>", "&lt;b&gt;")],
)
def test_every_page_carries_its_label(label, words):
    page = pages.page("Title", "<p>body</p>", label)
    assert words in page and "http" not in page.replace("http-equiv", "")


def test_a_parameter_that_the_page_does_not_declare_is_refused(tmp_path):
    notebook = schemas.SCHEMA_FOLDER.parents[1] / "notebooks/cohort.ipynb"
    with pytest.raises(ValueError, match="import_os"):
        pages.execute(notebook, tmp_path / "out.ipynb", {"import_os": "x"})


EMPTY = {
    "curves": lambda: curves_and_forests.kaplan_meier(tables.empty("survival_curves"), "het3", "-"),
    "forest": lambda: curves_and_forests.forest(tables.empty("cox"), "-"),
    "waterfall": lambda: response.waterfall(
        tables.empty("best_response").assign(change=np.nan, het3=None),
        "het3",
        schemas.level_labels("heterogeneity", "het3"),
        "-",
        "-",
    ),
    "spider": lambda: response.spider(tables.empty("trajectory"), pd.Series(dtype=object), {"all_pos": "all"}),
    "swimmer": lambda: response.swimmer(
        tables.empty("pfs1"), tables.empty("visit_response"), tables.empty("analysis_set")
    ),
    "uptake": lambda: lesions_and_uptake.uptake_scatter(tables.empty("fes_status"), 1.5),
    "organs": lambda: lesions_and_uptake.uptake_by_organ(tables.empty("fes_status")),
    "lesions": lambda: lesions_and_uptake.lesion_map(tables.empty("fes_status"), tables.empty("heterogeneity")),
    "distributions": lambda: lesions_and_uptake.distributions(tables.empty("heterogeneity")),
    "scans": lambda: lesions_and_uptake.scan_checks(tables.empty("scan_quality"), {"fes_activity": "MBq"}),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_figure_without_data_is_drawn_and_saved_twice_the_same(name, tmp_path):
    saved = []
    for stem in ("one", "two"):
        figure, numbers = EMPTY[name]()
        drawing.save(figure, numbers, tmp_path / stem)
        saved.append([(tmp_path / f"{stem}.{kind}").read_bytes() for kind in ("svg", "pdf", "csv")])
    assert saved[0] == saved[1]
    assert not {"patient_id", "assessment_date"} & set(numbers.columns)


def test_counts_of_replicates_are_whole_numbers_where_one_is_missing():
    rows = tables.empty("cox_validation").reindex(range(2)).assign(n_used=pd.array([2000, None], dtype="Int64"))
    shown = cox_models.present_validation(rows)
    assert shown["Replicates used"].iloc[0] == "2000" and shown["Replicates used"].iloc[1] == cells.NO_VALUE
    assert "2000.0" not in cells.table_html(shown) and "NA" not in cells.table_html(shown[["Replicates used"]])


def test_medians_are_one_row_per_group_and_tests_stand_apart():
    summary = table(
        """
        grouping | group      | statistic        | value | ci_lower | ci_upper | n  | n_events
        all      | everybody  | median           | 12.3  | 10       | -        | 20 | 15
        all      | everybody  | at 6 months      | 0.5   | 0.25     | 0.75     | 20 | 15
        all      | all groups | log-rank p-value | -     | -        | -        | 20 | 15
        het3     | mixed      | median           | -     | -        | -        | 0  | 0
        het3     | all groups | log-rank p-value | 0.04  | -        | -        | 20 | 15
        """,
        "survival_summary",
    )
    shown = survival_times.present_survival(summary)
    assert list(shown["Group"]) == ["everybody", "mixed"]
    assert list(shown.iloc[0][["median", "at 6 months"]]) == ["12.30 (10.00 to –)", "0.50 (0.25–0.75)"]
    assert shown["median"].iloc[1] == cells.NO_VALUE and cells.table_html(shown).count("–") >= 3
    tests = survival_times.present_logrank(summary)
    assert list(tests["Grouping"]) == ["het3"] and list(tests["P"]) == ["0.040"]
