"""The sample for containers names commands and settings that there are. No container runs here."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from fascicle.cli import app
from fascicle.config import read_config
from fascicle.sample import write_sample
from tests.test_documentation import keys

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "fascicle"}


def settings() -> dict[str, str]:
    return {name: value for service in OURS.values() for name, value in service["environment"].items()}


def roles(service: dict[str, Any]) -> list[str]:
    """Which roles it serves; none for a command that ends by itself."""
    command: list[str] = service["command"]
    return command[command.index("--roles") + 1].split(",") if "--roles" in command else []


def test_there_is_a_postgresql_one_clock_one_web_and_two_workers():
    served = [role for service in OURS.values() for role in roles(service)]

    assert sorted(served) == ["clock", "web", "worker", "worker"]
    assert SERVICES["database"]["image"].startswith("postgres:")


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_command_and_option_is_one_of_ours(name: str):
    command = OURS[name]["command"]
    known = typer.main.get_command(app).commands[command[0]]  # type: ignore[attr-defined]
    options = {option for parameter in known.params for option in parameter.opts}

    assert {word for word in command if word.startswith("--")} <= options


def test_each_variable_is_a_setting_of_ours():
    variables = {"FASCICLE_" + key.upper().replace(".", "__") for key in keys()}

    assert set(settings()) <= variables


def test_the_settings_make_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_sample(tmp_path / "config.yaml")
    for name, value in settings().items():
        monkeypatch.setenv(name, filled_in(value))

    config = read_config(tmp_path / "config.yaml")

    assert (config.dispatch, config.feeds.storage) == ("procrastinate", "/published")


def filled_in(value: str) -> str:
    """As compose puts in the variables of the shell."""
    given = {"SITE_URL": "https://example.org", "RELAY_HOST": "relay.example.org", "POSTGRES_PASSWORD": "secret"}
    return re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?)?\}", lambda found: given.get(found[1], found[2]) or "", value)


def test_each_process_has_a_folder_of_its_own_and_each_volume_is_named():
    mounted = [volume.partition(":")[::2] for service in SERVICES.values() for volume in service["volumes"]]
    houses = [volume for volume, place in mounted if place == "/house"]

    assert len(houses) == len(set(houses)) == len(OURS)
    assert {volume for volume, _ in mounted if not volume.startswith("./")} == set(COMPOSE["volumes"])


def test_what_the_image_is_made_of_is_there():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert [path for path in re.findall(r"requirements/\S+", dockerfile) if not (ROOT / path).exists()] == []
    assert 'ENTRYPOINT ["fascicle"]' in dockerfile
