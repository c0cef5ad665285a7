"""What an operator says of series in a file."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from db.errors import BadValue
from scheduler.cadence import parse_words
from scheduler.series_settings import Settings

KEYS = (
    "slug", "title", "subtitle", "summary", "author", "language", "zone", "cadence", "at", "missed",
    "announced_count", "announced_from", "announced_until", "lint",
)  # fmt: skip


def read_series_file(path: Path) -> list[Settings]:
    """Raises BadValue, naming the file and the series."""
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - plain text only
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadValue(f"{path}: cannot be read: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadValue(f"{path.name}: a list of series is expected, each beginning with `- slug: …`")
    return [_settings(path.name, place, entry) for place, entry in enumerate(entries)]


def _settings(name: str, place: int, entry: dict[str, Any]) -> Settings:
    for key in entry:
        if key not in KEYS:
            close = get_close_matches(key, KEYS, n=1)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            raise BadValue(f"{name}: series[{place}]: `{key}` is not a key we know.{hint}")
    if not entry.get("slug"):
        raise BadValue(f"{name}: series[{place}]: a slug is needed")
    values = {key: value for key, value in entry.items() if key not in ("slug", "cadence")}
    try:
        return Settings(entry["slug"], values, _cadence(entry.get("cadence", {})))
    except BadValue as error:
        raise BadValue(f"{name}: series[{place}]: {error}") from None


def _cadence(said: Any) -> dict[str, Any]:  # noqa: ANN401 - read from a file
    """A mapping as it is; words as the mapping that they mean."""
    if isinstance(said, dict):
        return said
    return parse_words(str(said)).to_json()
