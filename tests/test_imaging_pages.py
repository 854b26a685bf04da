"""What the imaging page shows of scans, definitions and lesion models: drawn from nothing, counted right, no patient in it."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from sonimage import group_changes, imaging_summary, plots_groups, plots_scans, presentation_groups, tables

STATISTICS = ("imaging_summary", "group_agreement", "mixed_probability", "lesion_models")
EMPTY = {name: tables.empty(name) for name in STATISTICS}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots_scans.check_statuses(EMPTY["imaging_summary"]),
        lambda: plots_groups.agreement(EMPTY["group_agreement"], "het3"),
        lambda: plots_groups.mixed_by_lesions(EMPTY["mixed_probability"]),
        lambda: plots_groups.lesion_effects(EMPTY["lesion_models"], "fes_negative", "best_change_percent", "change"),
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
        "group_counts": presentation_groups.present_definitions,
        "group_agreement": presentation_groups.present_agreement,
        "group_changes": presentation_groups.present_changes,
        "lesion_models": presentation_groups.present_lesion_models,
        "grouping_decision": presentation_groups.present_decision,
        "group_crosstab": presentation_groups.present_crosstab,
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
    figure, numbers = plots_scans.check_statuses(CHECKS)
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
    assert presentation_groups.present_scanners(rows)["FES-PET"].tolist() == ["1 (25 %)", "3 (75 %)"]
    assert presentation_groups.present_scanners(EMPTY["imaging_summary"]).empty


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
    shown = presentation_groups.present_changes(
        group_changes.count_changes(groups, primary="het3", lesion_bands=[1, 2, 4])
    )
    assert shown["Evaluable lesions"].tolist() == ["all patients", "1", "2 to 3", "4 or more"]
    assert shown["In another group without one lesion"].tolist() == ["1 (33 %)", "0 (0 %)", "1 (100 %)", "0 (0 %)"]
    _, numbers = plots_groups.mixed_by_lesions(
        group_changes.summarise_mixing(groups, primary="het3", lesion_bands=[1, 2, 4])
    )
    assert "patient_id" not in numbers


def test_scans_of_a_patient_without_centre_are_counted_under_not_recorded():
    listing = pd.DataFrame({"centre": ["UMCG", None], "modality": "FES-PET", "scanner": ["mCT", None]})
    listing = tables.conform(listing.assign(is_baseline=True), "scan_listing")
    checks = pd.DataFrame({"centre": [None, "UMCG"], "check_id": "weight", "status": "pass", "is_baseline": True})
    names = ("fes_status", "heterogeneity", "pet_baselines", "patients", "lesion_links", "link_review")
    empty = {name: tables.empty(name) for name in names}
    rows = imaging_summary.summarise_imaging(
        **empty, scan_quality=tables.conform(checks, "scan_quality"), scan_listing=listing
    )
    assert set(rows.loc[rows["section"] == "scanners", "group"]) == {"UMCG", "not recorded"}
    assert rows.loc[rows["section"] == "scan quality", "value"].sum() == 2
