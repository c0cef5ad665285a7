"""Setting the demo up: a replay store with two series, their posts and a dozen readers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from db import series as all_series
from db.states import StoreKind
from fascicle.app import App, opened
from fascicle.config import Config, read_config
from fascicle.founding import init_store
from fascicle.seriesfile import read_series_file
from importers.markdown import read_folder
from importers.subscribers import read_subscribers
from scheduler.intake import NewSeries, take_in
from scheduler.readers import ReaderDefaults
from scheduler.series_settings import apply
from scheduler.taking_in import take_in_readers

DEMO_BEGIN = datetime(2026, 2, 16, 12, tzinfo=UTC)
DEMO_END = datetime(2026, 3, 18, 12, tzinfo=UTC)
SERIES = ("llm-primer-1", "llm-primer-2")
_HERE = Path(__file__).resolve()
_PLACES = (_HERE.parents[1] / "_root" / "examples", _HERE.parents[2] / "examples")
"""In a wheel, and in a checkout."""


@dataclass(frozen=True)
class Stage:
    """Where the demo lives and whom it gives its letters to."""

    folder: Path
    listen: str
    relay_port: int
    database: str = "sqlite:///fascicle.db"

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"


def examples() -> Path:
    return next(place for place in _PLACES if place.is_dir()) / "llm-primer"


def set_up(stage: Stage) -> Config:
    """The demo's configuration; its store is filled unless an earlier run has done so."""
    stage.folder.mkdir(parents=True, exist_ok=True)
    config_file = stage.folder / "config.yaml"
    config_file.write_text(yaml.safe_dump(_settings(stage), sort_keys=False), encoding="utf-8")
    config = read_config(config_file)
    init_store(config, kind=StoreKind.replay, now=DEMO_BEGIN)
    with opened(config) as app:
        _fill(app)
    return config


def _settings(stage: Stage) -> dict[str, object]:
    return {
        "site": {
            "title": "My serials",
            "url": f"http://{stage.listen}",
            "author": {"name": "A. Writer", "email": "post@example.org"},
            "zone": "Europe/Riga",
            "postal_address": "1 Example Street, Riga",
        },
        "listen": stage.listen,
        "database": stage.database,
        "mail": {"from": "My serials <post@example.org>"},
        "relays": {"demo": {"host": "127.0.0.1", "port": stage.relay_port, "tls": "none"}},
    }


def _fill(app: App) -> None:
    """All in one transaction, so that a kill in its middle leaves an empty store to be filled again."""
    folder, now = examples(), DEMO_BEGIN
    site = app.config.site
    with app.store.writing() as session:
        if all_series.all_series(session):
            return
        for settings in read_series_file(folder / "series.yaml"):
            apply(session, settings, zone=site.zone, language=site.language, actor="demo", now=now, create=True)
        for slug in SERIES:
            defaults = NewSeries(site.zone, site.language)
            take_in(session, read_folder(folder / slug), slug=slug, defaults=defaults, now=now)
        take_in_readers(
            session,
            read_subscribers(folder / "subscribers.csv"),
            defaults=ReaderDefaults(site.zone, site.language),
            fingerprint=app.tokens.fingerprint,
            now=now,
        )
