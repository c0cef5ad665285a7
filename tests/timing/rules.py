"""Zone rules of another day, so that a test can live through an upgrade of tzdata."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

OLDER = Path(__file__).parent / "zones-2022d"
"""Knows America/Mexico_City alone; every other zone is read from the installed tzdata."""
OLDER_VERSION = "2022.4"


@contextmanager
def older_rules() -> Iterator[None]:
    """Our code reads Mexico City as IANA 2022d had it, and as it is installed again afterwards."""
    _read(OLDER)
    try:
        yield
    finally:
        _read()


def _read(*folders: Path) -> None:
    zoneinfo.reset_tzpath(to=folders)
    ZoneInfo.clear_cache()
