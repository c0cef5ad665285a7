"""The configuration in the repository is the one that `init` writes, and it runs as it stands."""

from pathlib import Path

from fascicle.config import read_config

ROOT = Path(__file__).parents[2]


def test_init_writes_the_configuration_that_stands_in_the_repository():
    assert (ROOT / "fascicle" / "sample.yaml").read_text() == (ROOT / "config.yaml").read_text()


def test_the_configuration_is_read_as_it_stands_and_its_paths_are_those_of_its_folder():
    config = read_config(ROOT / "config.yaml")

    assert config.database == f"sqlite:///{ROOT / 'fascicle.db'}"
    assert config.secret_file == ROOT / "secret.key"
    assert config.port == 8000
