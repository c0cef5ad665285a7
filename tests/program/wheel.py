"""The built wheel in a fresh environment, as whoever installs it has it."""

import os
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_RUN = "import fascicle; import db; print(db.__file__); from fascicle.cli import main; main()"


def built(folder: Path) -> Path:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@dataclass(frozen=True)
class Installed:
    """The program of a wheel; it says first where it keeps its own folders."""

    folder: Path
    python: Path
    site: Path

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """From another directory than that of the checkout."""
        return subprocess.run(
            [str(self.python), "-c", _RUN, *arguments],
            cwd=self.folder,
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
            capture_output=True,
            text=True,
            check=False,
        )


def installed(wheel: Path, folder: Path) -> Installed:
    """The environment is fresh; the libraries are those of this one, so that no registry is needed."""
    venv.create(folder / "env", with_pip=False)
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    libraries = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "libraries.pth").write_text(f"{_without_this_checkout(libraries, folder)}\n")
    return Installed(folder, folder / "env" / "bin" / "python", site)


def _without_this_checkout(libraries: Path, beside: Path) -> Path:
    """The installed libraries by links, but for the editable install of this project."""
    folder = beside / "libraries"
    folder.mkdir()
    for entry in libraries.iterdir():
        if "fascicle" not in entry.name:
            (folder / entry.name).symlink_to(entry)
    return folder
