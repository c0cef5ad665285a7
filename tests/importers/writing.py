"""Files for the tests of importers, and what an importer says of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from importers.values import ImportRefused

PNG = b"\x89PNG\r\n\x1a\n"


def a_file(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def a_post(
    folder: Path, name: str = "chapter-01.md", *, matter: str = "title: Rain", body: str = "It rained.\n"
) -> Path:
    return a_file(folder / name, f"---\n{matter}\n---\n{body}")


def problems(read: Callable[[Path], object], path: Path) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        read(path)
    return [str(problem) for problem in refused.value.problems]
