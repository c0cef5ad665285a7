"""The program as its users run it: another process, with a configuration of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    def rows(self) -> Any:
        return json.loads(self.out)


class Program:
    """Runs commands in a folder that holds the configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> Ended:
        command = [sys.executable, "-c", "from fascicle.cli import main; main()", *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FASCICLE_")}
        environment |= {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60)
        assert "Traceback" not in done.stderr, done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
        return path

    def configure(self, old: str, new: str) -> None:
        """Change one place in the configuration."""
        text = (self.folder / "config.yaml").read_text()
        assert old in text
        self.write("config.yaml", text.replace(old, new))

    def relay_at(self, port: int) -> None:
        self.configure("port: 2525", f"port: {port}")
