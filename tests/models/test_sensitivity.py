"""The sensitivity grid: which models it holds, what each is fitted to, and that no data stop it."""

import numpy as np
import pandas as pd
import pytest
from breast_cancer import PRIMARY, gbsg
from sonimage import tables
from sonimage.cox import hazard_ratios
from sonimage.intervals import weibull_models
from sonimage.models import sensitivity
from sonimage.report.figures import choices
from sonimage.report.presentation import other_models
from worked_tables import table

GRID = {
    "id": "sensitivity",
    "definitions": ["S0", "S1"],
    "groupings": ["het3", "het3_d2"],
    "populations": ["in_imaging_set", "in_window_set"],
}

CHOICE = ["definition", "grouping", "population"]


def study(patients: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Analysis set, endpoints and groups of the patients; every second event is none in S1, every fifth has no group in D2."""
    number = np.arange(len(patients))
    patients = patients.assign(in_window_set=number % 3 > 0)
    endpoint = patients[["patient_id", "pfs1_months", "pfs1_event"]]
    fewer = endpoint.assign(pfs1_event=endpoint["pfs1_event"] & (number % 2 > 0))
    endpoints = pd.concat([endpoint.assign(definition="S0"), fewer.assign(definition="S1")])
    group = patients[["patient_id"]].assign(group=patients["het3"])
    other = group.assign(group=group["group"].mask(number % 5 == 0))
    groups = pd.concat([group.assign(definition_id="het3"), other.assign(definition_id="het3_d2")])
    return patients, tables.conform(endpoints, "pfs1_definitions"), tables.conform(groups, "group_definitions")


def fit(patients, endpoints, groups) -> pd.DataFrame:
    return sensitivity.fit_sensitivity(patients, endpoints, groups, PRIMARY, GRID, {"het3": "het3", "het3_d2": "het3"})


def test_one_choice_at_a_time_then_all_of_them_crossed():
    expected = table("""
        varied     | definition | grouping | population
        nothing    | S0         | het3     | in_imaging_set
        definition | S1         | het3     | in_imaging_set
        grouping   | S0         | het3_d2  | in_imaging_set
        population | S0         | het3     | in_window_set
        several    | S0         | het3_d2  | in_window_set
        several    | S1         | het3     | in_window_set
        several    | S1         | het3_d2  | in_imaging_set
        several    | S1         | het3_d2  | in_window_set
    """)
    fitted = fit(*study(gbsg()))
    pd.testing.assert_frame_equal(fitted[list(expected)].drop_duplicates(ignore_index=True), expected)
    each = fitted.drop_duplicates([*CHOICE, "term"])  # where a level has few events Firth's rows stand beside
    assert list(each["term"]) == ["mixed", "all_neg", "A"] * 8 and set(fitted["analysis_id"]) == {"sensitivity"}
    tables.check(fitted, "sensitivity")


def test_a_definition_replaces_the_column_with_its_levels():
    definitions = [
        {"id": "het3_d2", "kind": "share", "parameters": {"groups": "het3"}},
        {"id": "het2", "kind": "share", "parameters": {"groups": "het2"}},
        {"id": "dual3_kurland_median", "kind": "kurland"},
        {"id": "fraction", "kind": "summary"},
    ]
    expected = {"het3_d2": "het3", "het2": "het2", "dual3_kurland_median": "dual3_kurland"}
    assert sensitivity.columns_of(definitions) == expected
    patients, endpoints, groups = study(gbsg())
    two = patients[["patient_id"]].assign(group=patients["het2"], definition_id="het2")
    groups = pd.concat([groups, tables.conform(two, "group_definitions")])
    grid = GRID | {"definitions": ["S0"], "groupings": ["het3", "het2"], "populations": ["in_imaging_set"]}
    fitted = sensitivity.fit_sensitivity(patients, endpoints, groups, PRIMARY, grid, {"het3": "het3", "het2": "het2"})
    alone = hazard_ratios.fit_cox_models(patients, [PRIMARY | {"grouping": "het2"}])[0]
    assert list(fitted.loc[fitted["grouping"] == "het2", "coef"]) == list(alone["coef"])


def test_an_interval_censored_definition_is_the_weibull_models():
    patients, endpoints, groups = study(gbsg())
    month = patients["pfs1_months"].to_numpy()
    between = endpoints[endpoints["definition"] == "S0"].assign(definition="S5", interval_lower_months=month * 0.8)
    between["interval_upper_months"] = np.where(between["pfs1_event"], month, np.nan)
    endpoints = pd.concat([endpoints, between], ignore_index=True)
    grid = GRID | {"definitions": ["S0", "S5"], "groupings": ["het3"], "populations": ["in_imaging_set"]}
    fitted = sensitivity.fit_sensitivity(patients, endpoints, groups, PRIMARY, grid, {"het3": "het3"})
    tables.check(fitted, "sensitivity")
    found = fitted[fitted["definition"] == "S5"].set_index("term")
    analysis = PRIMARY | {"method": "weibull", "definition": "S5"}
    alone = weibull_models.fit_interval_models(patients, endpoints, [analysis]).set_index("term")
    assert list(found.index) == ["mixed", "all_neg", "A"] and set(found["method"]) == {"Weibull, interval-censored"}
    for term in found.index:
        assert found.loc[term, "hazard_ratio"] == alone.loc[term, "hazard_ratio"]
        z = found.loc[term, "coef"] / found.loc[term, "se"]
        assert np.exp(found.loc[term, "coef"] + 1.959964 * found.loc[term, "se"]) == pytest.approx(
            alone.loc[term, "hazard_ratio_upper"], rel=1e-6
        )
        assert abs(z) < 10


def test_the_primary_choice_is_the_primary_model():
    fitted = fit(*study(gbsg()))
    shown = ["term", "n", "n_events", "coef", "se", "p_value", "method"]
    expected = hazard_ratios.fit_cox_models(gbsg(), [PRIMARY])[0]
    pd.testing.assert_frame_equal(fitted.loc[fitted["varied"] == "nothing", shown], expected[shown])


def test_each_choice_is_the_model_of_the_data_it_names():
    patients, endpoints, groups = study(gbsg())
    fitted = fit(patients, endpoints, groups).set_index(["varied", "term"]).sort_index()
    by_hand = patients.assign(
        pfs1_event=endpoints.loc[endpoints["definition"] == "S1", "pfs1_event"].to_numpy(),
        het3=groups.loc[groups["definition_id"] == "het3_d2", "group"].to_numpy(),
    )
    expected = hazard_ratios.fit_cox_models(by_hand, [PRIMARY])[0].set_index("term").loc["mixed"]
    crossed = fit(patients, endpoints, groups).query("varied == 'several' and term == 'mixed'").set_index(CHOICE)
    both = crossed.loc[("S1", "het3_d2", "in_imaging_set")].iloc[0]
    assert both["coef"] == expected["coef"] and both["n_events"] == expected["n_events"]
    assert both["n"] == (np.arange(686) % 5 > 0).sum()
    assert set(fitted.loc[("population", "mixed"), "n"]) == {(np.arange(686) % 3 > 0).sum()}


def test_a_patient_whom_a_definition_leaves_out_is_in_none_of_its_models():
    patients, endpoints, groups = study(gbsg())
    endpoints["pfs1_event"] = endpoints["pfs1_event"].mask(
        endpoints["definition"].eq("S1") & (endpoints.index % 2 == 0)
    )
    fitted = fit(patients, endpoints, groups).drop_duplicates("varied").set_index("varied")
    assert (fitted.loc["nothing", "n"], fitted.loc["definition", "n"]) == (686, 343)


def test_the_order_of_rows_changes_nothing():
    patients, endpoints, groups = study(gbsg())
    shuffled = (frame.sample(frac=1, random_state=4) for frame in (patients, endpoints, groups))
    pd.testing.assert_frame_equal(fit(patients, endpoints, groups), fit(*shuffled))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_study_of_hardly_any_patient_gives_empty_rows_a_figure_and_a_table(n):
    fitted = fit(*study(gbsg().iloc[:n]))
    each = fitted.drop_duplicates([*CHOICE, "term"])
    assert list(each["term"]) == ["mixed", "all_neg", "A"] * 8 and fitted["hazard_ratio"].isna().all()
    assert choices.sensitivity_forest(sensitivity.one_at_a_time(fitted), "Title")[1] is not None
    assert other_models.present_sensitivity(sensitivity.one_at_a_time(fitted))["Differs"].nunique() == 4


def odd(what: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    patients, endpoints, groups = study(gbsg().iloc[:80])
    if what == "group and arm the same":
        patients = patients.assign(allocation=np.where(patients["het3"] == "mixed", "A", "B"))
    if what == "one month for all":
        endpoints["pfs1_months"] = 1.0
    if what == "a month without end":
        endpoints.loc[endpoints.index[0], "pfs1_months"] = np.inf
    if what == "no arm known":
        patients["allocation"] = None
    if what == "one group for all":
        groups["group"] = "all_neg"
    if what == "a group that is none of the three":
        groups["group"] = "other"
    if what == "no rows of a definition":
        endpoints, groups = endpoints[endpoints["definition"] == "S0"], groups[groups["definition_id"] == "het3"]
    if what == "no event":
        endpoints["pfs1_event"] = False
    if what == "no population known":
        patients["in_window_set"] = pd.NA
    return patients, endpoints, groups


@pytest.mark.parametrize(
    "what",
    [
        "group and arm the same", "one month for all", "a month without end", "no arm known", "one group for all",
        "a group that is none of the three", "no rows of a definition", "no event", "no population known",
    ],
)  # fmt: skip
def test_odd_data_do_not_stop_the_grid(what):
    fitted = fit(*odd(what))
    assert len(fitted.drop_duplicates(CHOICE)) == 8
    tables.check(fitted, "sensitivity")
    empty = fitted["hazard_ratio"].isna() & fitted["term"].eq("mixed")
    assert fitted.loc[empty, "note"].notna().all()


def test_both_methods_of_one_model_stand_in_the_figure_and_the_table():
    patients, endpoints, groups = study(gbsg())
    first = patients["het3"] == "all_pos"
    spared = patients.loc[first & patients["pfs1_event"], "patient_id"][4:]
    endpoints.loc[endpoints["patient_id"].isin(spared), "pfs1_event"] = False
    one = sensitivity.one_at_a_time(fit(patients, endpoints, groups))
    figure, numbers = choices.sensitivity_forest(one, "Title")
    assert len(figure.legends) == 1 and set(numbers["choice"]) == {
        "primary",
        "PFS1 S1",
        "groups het3_d2",
        "in_window_set",
    }
    shown = other_models.present_sensitivity(one)
    assert list(shown["Differs"][:2]) == ["primary", "primary"] and shown["Method"].str.contains("Firth").any()
    ratios = shown.loc[shown["Differs"] == "primary", "mixed: hazard ratio (95 % CI)"]
    assert ratios.str.match(r"\d").all() and ratios.nunique() == 2
