"""The listing this project started from, brought into a store as an operator would."""

import csv
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db import series as all_series
from importers.listing import read_listing
from scheduler.intake import NewSeries, take_in

HERE = Path(__file__).parent
SERIES: dict[str, dict[str, Any]] = {
    "guide-to-llms": {"title": "A Guide to LLMs"},
    "understanding-llms-through-math": {"title": "Understanding LLMs Through Math", "cadence": "2025-09-01"},
    "llm-primer-1": {
        "title": "LLM Primer I",
        "cadence": "2026-02-17",
        "announced_count": 12,
        "announced_from": date(2026, 2, 18),
        "announced_until": date(2026, 3, 1),
    },
    "llm-primer-2": {
        "title": "LLM Primer II",
        "cadence": "2026-03-02",
        "announced_count": 14,
        "announced_from": date(2026, 3, 3),
        "announced_until": date(2026, 3, 16),
    },
}


def bring_in(session: Session, folder: Path, *, now: datetime) -> None:
    """Import the listing with bodies made up for it, then say of each series what its page said."""
    take_in(session, read_listing(_written_out(folder)), slug=None, defaults=NewSeries("Europe/Riga", "en"), now=now)
    for slug, values in SERIES.items():
        series = all_series.by_slug(session, slug)
        for name, value in values.items():
            setattr(series, name, _every_day_from(value) if name == "cadence" else value)


def expected() -> list[str]:
    """Each a rule, a series, and a post or a place."""
    lines = (HERE / "expected-findings.txt").read_text(encoding="utf-8").splitlines()
    return [" ".join(line.split()) for line in lines if line and not line.startswith("#")]


def _every_day_from(start: str) -> dict[str, str]:
    return {"every": "day", "at": "07:00", "start": start}


def _written_out(folder: Path) -> Path:
    listing = Path(shutil.copy(HERE / "listing.csv", folder))
    (folder / "bodies").mkdir()
    with listing.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            body = f"What there is to say about *{row['title']}*, for those who have read what came before.\n"
            (folder / row["body_file"]).write_text(body, encoding="utf-8")
    return listing
