"""Settings: nested values of the command line, and files that a working folder does not have."""

import pytest
from sonimage import schemas, settings

SCHEMA = schemas.load("config")


@pytest.mark.parametrize(
    "given, read",
    [
        ({"fes_status": {"suvmax_cut": "1.8"}}, {"fes_status": {"suvmax_cut": 1.8}}),
        ({"fes_status": {"background_organs": ["liver"]}}, {"fes_status": {"background_organs": ["liver"]}}),
        ({"link": {"pooling_days": "14"}}, {"link": {"pooling_days": 14}}),
        ({"recist": {"keep_partial_response": "false"}}, {"recist": {"keep_partial_response": False}}),
        ({"survival": {"landmark_months": ["6", "12"]}}, {"survival": {"landmark_months": [6, 12]}}),
        ({"data_cut_off": "2024-09-01", "blinding": "on"}, {"data_cut_off": "2024-09-01", "blinding": "on"}),
        ({"link": {"pooling_days": "two"}}, {"link": {"pooling_days": "two"}}),
    ],
)
def test_a_text_is_read_where_the_schema_allows_none(given, read):
    assert settings.as_schema_says(given, SCHEMA) == read


def test_a_file_is_the_working_folders_or_else_the_projects(tmp_path, monkeypatch):
    project, folder = tmp_path / "project", tmp_path / "folder"
    for place in (project, folder):
        (place / "config").mkdir(parents=True)
    (project / "config/analyses.yaml").touch()
    monkeypatch.chdir(folder)
    assert settings.locate("config/analyses.yaml", project) == str(project / "config/analyses.yaml")
    (folder / "config/analyses.yaml").touch()
    assert settings.locate("config/analyses.yaml", project) == "config/analyses.yaml"
    assert settings.locate("config/absent.yaml", project) == "config/absent.yaml"
