"""The simulated example study; made anew only when asked for by name, its files being committed.

Reads   config/simulation.yaml
Writes  data/example/, data/example_truth/ (which the analysis never reads)
"""


rule simulate_example:
    """Simulate the example study as raw exports, with its defects and its truth: `snakemake simulate_example`."""
    input:
        parameters=project_file("config/simulation.yaml"),
    log:
        "logs/simulate_example.log",
    conda:
        "../../environment.yml"
    params:
        folder="data/example",
        truth="data/example_truth",
    script:
        "../scripts/simulate/simulate_example.py"
