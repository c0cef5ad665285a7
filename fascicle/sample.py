"""The configuration that `fascicle init` writes where there is none."""

from pathlib import Path

from db.errors import FascicleError

_SAMPLE = Path(__file__).parent / "sample.yaml"


def write_sample(path: Path) -> bool:
    """Write the commented sample unless the file is there; says whether it did."""
    if path.exists():
        return False
    try:
        path.write_text(_SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        raise FascicleError(f"{path}: cannot be written: {error.strerror}") from None
    return True
