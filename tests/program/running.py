"""The program as its users run it, by its own entry point; test_serve and test_demo run it as a process too."""

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from fascicle.cli import main


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
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.folder), self._surroundings(arguments), redirect_stdout(out), redirect_stderr(err):
            code = _ended(main)
        return Ended(code, out.getvalue(), err.getvalue())

    @contextlib.contextmanager
    def _surroundings(self, arguments: tuple[str, ...]) -> Iterator[None]:
        """The arguments and the environment of a command, which later commands do not inherit."""
        before, words = dict(os.environ), sys.argv
        for name in before:
            if name.startswith("FASCICLE_"):
                del os.environ[name]
        os.environ["COLUMNS"] = "200"
        sys.argv = ["fascicle", *arguments]
        try:
            yield
        finally:
            sys.argv = words
            os.environ.clear()
            os.environ.update(before)

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


def _ended(run: Callable[[], None]) -> int:
    """The exit code of a command. An exception that is no exit is a bug, and surfaces."""
    try:
        run()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
