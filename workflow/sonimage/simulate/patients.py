"""Simulated patients: who they are, how long first-line treatment works, and how it ends."""

import numpy as np
import pandas as pd

DAYS_PER_MONTH = 30.4375
DRUGS = {"palbociclib": 0.6, "ribociclib": 0.3, "abemaciclib": 0.1}


def draw_patients(parameters: dict, generator: np.random.Generator) -> pd.DataFrame:
    """Return one row per patient with baseline data and dates (columns of the table patients and sonia_number)."""
    n = parameters["n_patients"]
    first, last = pd.Timestamp(parameters["first_randomisation"]), pd.Timestamp(parameters["last_randomisation"])
    randomised = first + pd.to_timedelta(np.sort(generator.integers((last - first).days + 1, size=n)), unit="D")
    is_umcg = generator.random(n) < parameters["share_umcg"]
    number = np.where(is_umcg, np.cumsum(is_umcg), np.cumsum(~is_umcg))
    age = np.clip(generator.normal(parameters["age_mean"], parameters["age_sd"], n), 30, 88).astype(int)
    de_novo = generator.random(n) < parameters["share_de_novo"]
    prior = ~de_novo & (generator.random(n) < parameters["share_prior_endocrine"] / (1 - parameters["share_de_novo"]))
    started = randomised + pd.to_timedelta(
        np.where(generator.random(n) < 0.1, -generator.integers(1, 28, n), generator.integers(0, 11, n)), unit="D"
    )
    stopped = randomised - pd.to_timedelta(generator.integers(200, 2000, n), unit="D")
    return pd.DataFrame(
        {
            "patient_id": [
                f"{'UMCG' if umcg else 'VUMC'}-{value:03d}" for umcg, value in zip(is_umcg, number, strict=True)
            ],
            "sonia_number": generator.permutation(np.arange(101, 101 + max(1050, n)))[:n],
            "centre": np.where(is_umcg, "UMCG", "VUMC"),
            "sex": "F",
            "birth_year": randomised.year - age,
            # before any PET, which is at most 5 weeks before treatment
            "consent_date": np.minimum(randomised, started)
            - pd.to_timedelta(generator.integers(1, 15, n) + 36, unit="D"),
            "randomisation_date": randomised,
            "allocation": np.where(generator.permutation(np.arange(n)) % 2 == 0, "A", "B"),
            "er_percent": generator.choice([20, 50, 70, 80, 90, 100], n, p=[0.05, 0.1, 0.1, 0.15, 0.3, 0.3]),
            "pet_contraindication": False,
            "last_er_ligand_date": pd.Series(stopped).where(prior & (generator.random(n) < 0.5)),
            "menopausal_status": np.where(
                generator.random(n) < parameters["share_premenopausal"], "premenopausal", "postmenopausal"
            ),
            "de_novo_metastatic": de_novo,
            "prior_endocrine_therapy": prior,
            "bone_only": generator.random(n) < parameters["share_bone_only"],
            "who_performance_status": generator.choice([0, 1, 2], n, p=[0.55, 0.38, 0.07]),
            "cdk46_inhibitor": generator.choice(list(DRUGS), n, p=list(DRUGS.values())),
            "first_treatment_date": started,
            "weight_kg": np.clip(generator.normal(72, 12, n), 45, 120).round(1),
            "height_cm": np.clip(generator.normal(167, 6, n), 148, 186).round(),
        }
    )


def draw_outcomes(
    cohort: pd.DataFrame, lesions: pd.DataFrame, parameters: dict, generator: np.random.Generator
) -> pd.DataFrame:
    """Add the true group, the true PFS1 (Weibull, by arm and group), the kind of event and the end of follow-up."""
    n = len(cohort)
    evaluable = lesions[lesions["true_fes"] != "ne"]
    share = (evaluable["true_fes"] == "pos").groupby(evaluable["patient_id"]).mean()
    share = cohort["patient_id"].map(share)
    group = np.select([share == 1, share == 0, share.notna()], ["all_pos", "all_neg", "mixed"], "none")
    medians = parameters["median_pfs1_months"][parameters["scenario"]]
    median = np.array(
        [medians[arm].get(name, medians[arm]["mixed"]) for arm, name in zip(cohort["allocation"], group, strict=True)]
    )
    scale = median / np.log(2) ** (1 / parameters["weibull_shape"])
    months = scale * generator.weibull(parameters["weibull_shape"], n)
    kinds = parameters["event_shares"]
    end = (pd.Timestamp(parameters["end_of_follow_up"]) - cohort["randomisation_date"]).dt.days
    drops = generator.random(n) < parameters["share_drop_out"]
    dropped_at = generator.uniform(1, 36, n) * DAYS_PER_MONTH
    last_day = np.where(drops, np.minimum(end, dropped_at), end).astype(int)
    withdrew = drops & (generator.random(n) < 0.5) & (months * DAYS_PER_MONTH > last_day)
    contact = cohort["randomisation_date"] + pd.to_timedelta(last_day, unit="D")
    return cohort.assign(
        true_het3=group,
        true_months=months.round(3),
        event_kind=generator.choice(list(kinds), n, p=list(kinds.values())),
        event_day=np.maximum(1, (months * DAYS_PER_MONTH)).astype(int),
        last_day=last_day,
        last_contact_date=contact,
        withdrawal_date=contact.where(withdrew),
        death_date=pd.NaT,
    )
