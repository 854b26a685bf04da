"""The same bytes elsewhere."""

from whole_runs import clone, contents, snakemake


def test_another_machine_folder_time_zone_locale_hash_seed_and_core_count_give_the_same_bytes(run, tmp_path):
    other = tmp_path / "another folder"
    other.mkdir()
    clone(other)
    processor = {"OPENBLAS_CORETYPE": "Sandybridge", "NPY_DISABLE_CPU_FEATURES": ""}
    answer = snakemake(other, "--cores", "1", TZ="Pacific/Auckland", LC_ALL="C", PYTHONHASHSEED="123", **processor)
    assert answer.returncode == 0, answer.stderr[-3000:]
    one, two = contents(run), contents(other)
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []
