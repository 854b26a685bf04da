"""What the primary analysis finds in simulated trials: power, type-I error, coverage, bias; beside the analysis.

Reads   config/simulation.yaml, config/operating_characteristics.yaml
Writes  simulations/, made only when asked for by name; it holds no patient and is no part of the results
"""

import zlib

GRID = yaml.safe_load((PROJECT / "config/operating_characteristics.yaml").read_text(encoding="utf-8"))
PRIMARY = next(analysis for analysis in PLAN["analyses"] if analysis["id"] == "primary")


rule simulate_trials:
    """One batch of trials of a design: simulated together, derived as the study is, the primary model fitted to each."""
    input:
        parameters=project_file("config/simulation.yaml"),
    output:
        estimates="simulations/{design}/{batch}.csv",
    log:
        "logs/simulate_trials_{design}_{batch}.log",
    wildcard_constraints:
        design="|".join(GRID["designs"]),
        batch="[0-9]+",
    conda:
        "../../environment.yml"
    params:
        design=lambda wildcards: GRID["designs"][wildcards.design],
        n_trials=GRID["trials_per_batch"],
        seed=lambda wildcards: [zlib.crc32(wildcards.design.encode()), int(wildcards.batch)],
        analysis=PRIMARY,
        rules={
            "link": {name: config["link"][name] for name in ("pooling_days", "late_baseline_days")},
            "status_rules": config["fes_status"],
            "group_rules": config["heterogeneity"] | {"background_organs": config["fes_status"]["background_organs"]},
            "keep_partial_response": config["recist"]["keep_partial_response"],
        },
        depends_on=digest("simulate/simulate_trials", project_file("config/simulation.yaml")),
    script:
        "../scripts/simulate/simulate_trials.py"


rule summarise_trials:
    """Power, type-I error, coverage and bias of the primary analysis: `snakemake simulations/operating_characteristics.csv`."""
    input:
        parameters=project_file("config/simulation.yaml"),
        batches=expand("simulations/{design}/{batch}.csv", design=GRID["designs"], batch=range(GRID["n_batches"])),
    output:
        operating_characteristics="simulations/operating_characteristics.csv",
    log:
        "logs/summarise_trials.log",
    conda:
        "../../environment.yml"
    params:
        designs=GRID["designs"],
        depends_on=digest("simulate/summarise_trials", project_file("config/operating_characteristics.yaml")),
    script:
        "../scripts/simulate/summarise_trials.py"
