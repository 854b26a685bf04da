"""What the imaging page shows of scans, definitions and lesion models: drawn from nothing, counted right, no patient in it."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from sonimage import tables
from sonimage.report.figures import definitions, scan_checks
from sonimage.report.presentation import group_definitions
from sonimage.summaries import group_changes, lesions_and_scans

STATISTICS = ("imaging_summary", "group_agreement", "mixed_probability", "lesion_models")
EMPTY = {name: tables.empty(name) for name in STATISTICS}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    "draw",
    [
        lambda: scan_checks.check_statuses(EMPTY["imaging_summary"]),
        lambda: definitions.agreement(EMPTY["group_agreement"], "het3"),
        lambda: definitions.mixed_by_lesions(EMPTY["mixed_probability"]),
        lambda: definitions.lesion_effects(EMPTY["lesion_models"], "fes_negative", "best_change_percent", "change"),
    ],
)
def test_a_figure_can_be_drawn_from_nothing(draw, tmp_path):
    figure, numbers = draw()
    figure.savefig(tmp_path / "figure.svg")
    assert numbers.empty


@pytest.mark.parametrize(
    "name", ["group_counts", "group_agreement", "group_changes", "lesion_models", "grouping_decision", "group_crosstab"]
)
def test_a_table_can_be_shown_from_nothing(name):
    present = {
        "group_counts": group_definitions.present_definitions,
        "group_agreement": group_definitions.present_agreement,
        "group_changes": group_definitions.present_changes,
        "lesion_models": group_definitions.present_lesion_models,
        "grouping_decision": group_definitions.present_decision,
        "group_crosstab": group_definitions.present_crosstab,
    }[name]
    assert present(tables.empty(name)).empty


CHECKS = tables.conform(
    pd.DataFrame(
        [
            {"section": "scan quality", "group": centre, "item": "weight", "statistic": status, "value": value, "n": 4}
            for centre, values in {"UMCG": (1, 1, 1, 1), "VUMC": (4, 0, 0, 0)}.items()
            for status, value in zip(("pass", "warn", "fail", "unknown"), values, strict=True)
        ]
    ),
    "imaging_summary",
)


def test_bars_of_checks_are_shares_of_the_scans_of_a_centre():
    figure, numbers = scan_checks.check_statuses(CHECKS)
    widths = [[bar.get_width() for bar in axes.patches] for axes in figure.axes]
    assert widths == [[0.25] * 4, [1, 0, 0, 0]] and numbers["scans"].sum() == 8
    assert [axes.get_title() for axes in figure.axes] == ["UMCG", "VUMC"]


def test_scanners_are_counted_by_centre_and_tracer():
    rows = tables.conform(
        pd.DataFrame(
            {
                "section": "scanners", "group": "UMCG", "item": ["Vision, PSF", "mCT, PSF"], "statistic": "FES-PET",
                "value": [1, 3], "n": 4,
            }
        ),
        "imaging_summary",
    )  # fmt: skip
    assert group_definitions.present_scanners(rows)["FES-PET"].tolist() == ["1 (25 %)", "3 (75 %)"]
    assert group_definitions.present_scanners(EMPTY["imaging_summary"]).empty


def test_bands_of_lesions_in_words():
    groups = pd.DataFrame(
        {
            "definition_id": "het3",
            "patient_id": ["a", "b", "c"],
            "group": ["all_pos", "mixed", "mixed"],
            "n_lesions": [1, 3, 9],
        }
    ).assign(value=[1.0, 1 / 3, 5 / 9])
    groups = tables.conform(groups, "group_definitions")
    shown = group_definitions.present_changes(
        group_changes.count_changes(groups, primary="het3", lesion_bands=[1, 2, 4])
    )
    assert shown["Evaluable lesions"].tolist() == ["all patients", "1", "2 to 3", "4 or more"]
    assert shown["In another group without one lesion"].tolist() == ["1 (33 %)", "0 (0 %)", "1 (100 %)", "0 (0 %)"]
    _, numbers = definitions.mixed_by_lesions(
        group_changes.summarise_mixing(groups, primary="het3", lesion_bands=[1, 2, 4])
    )
    assert "patient_id" not in numbers


def test_scans_of_a_patient_without_centre_are_counted_under_not_recorded():
    listing = pd.DataFrame({"centre": ["UMCG", None], "modality": "FES-PET", "scanner": ["mCT", None]})
    listing = tables.conform(listing.assign(is_baseline=True), "scan_listing")
    checks = pd.DataFrame({"centre": [None, "UMCG"], "check_id": "weight", "status": "pass", "is_baseline": True})
    names = ("fes_status", "heterogeneity", "pet_baselines", "patients", "lesion_links", "link_review")
    empty = {name: tables.empty(name) for name in names}
    rows = lesions_and_scans.summarise_imaging(
        **empty, scan_quality=tables.conform(checks, "scan_quality"), scan_listing=listing
    )
    assert set(rows.loc[rows["section"] == "scanners", "group"]) == {"UMCG", "not recorded"}
    assert rows.loc[rows["section"] == "scan quality", "value"].sum() == 2
