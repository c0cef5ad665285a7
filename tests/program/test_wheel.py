"""The built wheel, not only the checkout, is the program: installed elsewhere, run from another directory."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = "import fascicle; import db; print(db.__file__); from fascicle.cli import main; main()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_a_wheel_puts_one_name_into_site_packages(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"fascicle"}


@pytest.mark.slow
def test_an_installed_wheel_replays_the_demo_from_another_directory(wheel: Path, tmp_path: Path):
    # The environment is fresh; the libraries are those of this one, so that no registry is needed.
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env" / "lib").glob("python*/site-packages"))
    libraries = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "libraries.pth").write_text(f"{_without_this_checkout(libraries, tmp_path)}\n")

    run = subprocess.run(
        [str(python), "-c", RUN, "demo", "--until-done", "--dir", str(tmp_path / "demo")],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert str(site / "fascicle" / "_root" / "db") in run.stdout
    assert "exactly one letter" in run.stdout


def _without_this_checkout(libraries: Path, tmp_path: Path) -> Path:
    """The installed libraries by links, but for the editable install of this project."""
    folder = tmp_path / "libraries"
    folder.mkdir()
    for entry in libraries.iterdir():
        if "fascicle" not in entry.name:
            (folder / entry.name).symlink_to(entry)
    return folder
