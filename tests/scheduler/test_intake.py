import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from db import posts, releases
from db import series as all_series
from db.engine import Store
from db.errors import BadValue, SeriesNotFound
from db.states import StoreKind
from db.tables import Revision, Series, Subscription
from importers.values import ImportRefused
from scheduler.cadence import daily
from scheduler.intake import NewSeries, create_series, take_in
from scheduler.release import release_due
from tests.making import (
    NOON,
    RULES,
    a_house,
    a_planned_post,
    a_reader,
    a_series,
    a_source,
    at,
    contents,
    feed_work_raised,
    feed_work_wanted,
    released_slugs,
    releases_of,
    taken_in,
    the_post,
    the_series,
)

PAST = datetime(2020, 5, 1, 7)
SOON = datetime(2026, 3, 5, 7)
DEFAULTS = NewSeries("Europe/Riga", "lv")


@pytest.fixture
def primer(store: Store) -> Series:
    a_house(store)
    with store.writing() as session:
        return a_series(session)


def imported(store: Store, series: Series, *sources: object, now: datetime = NOON) -> list:
    with store.writing() as session:
        return taken_in(session, series, sources, now=now)  # type: ignore[arg-type]


def revisions_of(store: Store, slug: str) -> list[str]:
    with store.reading() as session:
        found = select(Revision.body).where(Revision.post_id == the_post(store, slug).id).order_by(Revision.number)
        return list(session.scalars(found))


def owed_to_all(store: Store, series: Series) -> list[int]:
    """Seqs that the series' only subscription is owed."""
    with store.reading() as session:
        mark = session.scalars(select(Subscription.watermark)).one()
        cut = all_series.by_slug(session, series.slug).last_seq
        owable = releases.owable(session, {series.id: cut}, after=mark)
        return [post.seq for post in owable if not post.silent]


def test_a_post_dated_in_the_past_is_released_silently_on_its_own_date(store: Store, primer: Series):
    imported(store, primer, a_source(slug="old", wall=PAST))

    [release] = releases_of(store)
    assert the_post(store, "old").state == "released"
    assert (release.silent, release.lateness_ms) == (True, None)
    assert release.released_at == release.planned_at == at("2020-05-01 07:00")


def test_history_is_released_in_the_order_of_its_dates(store: Store, primer: Series):
    later = a_source(slug="later", wall=PAST + timedelta(days=1))

    imported(store, primer, later, a_source(slug="earlier", wall=PAST))

    assert released_slugs(store) == ["earlier", "later"]


def test_history_asks_for_the_feeds(store: Store, primer: Series):
    before = feed_work_wanted(store)

    imported(store, primer, a_source(wall=PAST))

    assert feed_work_raised(store, before) == {f"series:{primer.id}": 1, "all": 1}


def test_readers_are_owed_nothing_of_history(store: Store, primer: Series):
    with store.writing() as session:
        a_reader(session)

    imported(store, primer, a_source(slug="old", wall=PAST), a_source(slug="new", wall=SOON))
    release_due(store, now=at("2026-03-05 07:00"), rules=RULES)

    assert released_slugs(store) == ["old", "new"]
    assert owed_to_all(store, primer) == [2]


def test_an_import_into_a_replay_is_no_history(store: Store):
    a_house(store, kind=StoreKind.replay)
    with store.writing() as session:
        primer = a_series(session)

    imported(store, primer, a_source(slug="old", wall=PAST))

    assert the_post(store, "old").state == "planned"
    assert releases_of(store) == []


def test_an_import_does_not_take_a_post_that_is_late_for_history(store: Store, primer: Series):
    late = at("2026-03-05 07:03")
    imported(store, primer, a_source(slug="one", wall=SOON))

    imported(store, primer, a_source(slug="another", wall=datetime(2026, 4, 1, 7)), now=late)

    assert the_post(store, "one").state == "planned"
    assert [one.lateness_ms for one in release_due(store, now=late, rules=RULES)] == [180_000]


def test_an_import_releases_nothing_that_a_hold_keeps_back(store: Store, primer: Series):
    much_later = at("2026-03-08 07:00")
    imported(store, primer, a_source(slug="one", wall=SOON))
    release_due(store, now=much_later, rules=RULES)

    imported(store, primer, a_source(slug="another", wall=datetime(2026, 4, 1, 7)), now=much_later)

    assert the_series(store).held_at == much_later
    assert the_post(store, "one").state == "planned"


def test_importing_the_same_twice_changes_nothing(store: Store, primer: Series):
    sources = [
        a_source(slug="old", wall=PAST),
        a_source(slug="new", wall=SOON),
        a_source(slug="free"),
        a_source(draft=True),
    ]
    imported(store, primer, *sources)
    before = contents(store)

    taken = imported(store, primer, *sources, now=NOON + timedelta(minutes=1))

    assert [one.change for one in taken] == ["same"] * 4
    assert contents(store) == before


def test_a_changed_body_makes_one_new_revision_and_keeps_the_entry_id(store: Store, primer: Series):
    imported(store, primer, a_source(slug="one", wall=SOON, body="Before"))
    entry_id = the_post(store, "one").entry_id

    [taken] = imported(store, primer, a_source(slug="one", wall=SOON, body="After"))

    assert taken.change == "changed"
    assert revisions_of(store, "one") == ["Before", "After"]
    assert the_post(store, "one").entry_id == entry_id


def test_the_newest_revision_is_the_one_that_a_post_shows(store: Store, primer: Series):
    imported(store, primer, a_source(slug="one", body="Before"))
    imported(store, primer, a_source(slug="one", body="After"))

    with store.reading() as session:
        words = posts.by_slug(session, all_series.by_slug(session, "primer"), "one").words

    assert words.body == "After"


def test_an_import_raises_the_version_of_the_plan_only_when_something_changed(store: Store, primer: Series):
    source = a_source(slug="one", wall=SOON)
    imported(store, primer, source)
    version = the_series(store).version

    imported(store, primer, source)

    assert the_series(store).version == version


def test_an_id_of_the_source_becomes_the_entry_id(store: Store, primer: Series):
    imported(store, primer, a_source(slug="one", id="https://old.example.org/?p=1"))

    assert the_post(store, "one").entry_id == "https://old.example.org/?p=1"


def test_an_id_that_another_post_has_is_refused_and_nothing_is_written(store: Store, primer: Series):
    imported(store, primer, a_source(slug="one", id="urn:one"))
    before = contents(store)

    with pytest.raises(ImportRefused, match=r"`id` 'urn:one' belongs to the post 'one'"):
        imported(store, primer, a_source(slug="fine"), a_source(slug="two", id="urn:one"))

    assert contents(store) == before


def test_two_posts_of_one_import_cannot_have_the_same_id(store: Store, primer: Series):
    before = contents(store)

    with pytest.raises(ImportRefused):
        imported(store, primer, a_source(slug="one", id="urn:same"), a_source(slug="two", id="urn:same"))

    assert contents(store) == before


def test_an_entry_id_never_changes_whatever_a_later_source_says(store: Store, primer: Series):
    imported(store, primer, a_source(slug="one", id="urn:one"))

    imported(store, primer, a_source(slug="one", id="urn:other", body="New"))

    assert the_post(store, "one").entry_id == "urn:one"


def test_a_released_post_never_moves(store: Store, primer: Series):
    imported(store, primer, a_source(slug="one", wall=SOON))
    release_due(store, now=at("2026-03-05 07:00"), rules=RULES)

    imported(store, primer, a_source(slug="one", wall=datetime(2027, 1, 1, 7), draft=True), now=at("2026-03-06 07:00"))

    post = the_post(store, "one")
    assert (post.state, post.wall, post.due_at, post.seq) == ("released", SOON, at("2026-03-05 07:00"), 1)


def test_a_planned_post_moves_with_its_date(store: Store, primer: Series):
    imported(store, primer, a_source(slug="one", wall=SOON))

    [taken] = imported(store, primer, a_source(slug="one", wall=SOON + timedelta(days=1)))

    assert taken.change == "changed"
    assert the_post(store, "one").due_at == at("2026-03-06 07:00")


def test_a_listing_creates_the_series_it_names_with_the_zone_of_the_site(store: Store):
    a_house(store)
    source = a_source(series="letters-home", slug="one", wall=SOON)

    with store.writing() as session:
        take_in(session, [source], slug=None, defaults=DEFAULTS, now=NOON)

    created = the_series(store, "letters-home")
    assert (created.title, created.zone, created.language) == ("Letters home", "Europe/Riga", "lv")
    assert the_post(store, "one").due_at == at("2026-03-05 05:00")


def test_posts_that_name_no_series_do_not_create_one(store: Store):
    a_house(store)

    with pytest.raises(SeriesNotFound), store.writing() as session:
        take_in(session, [a_source()], slug="nowhere", defaults=DEFAULTS, now=NOON)

    assert contents(store)["posts"] == []


def test_a_cadence_places_1_10_after_1_9(store: Store):
    a_house(store)
    cadence = daily(SOON.time(), date(2026, 3, 5))
    with store.writing() as session:
        primer = a_series(session, cadence=cadence.to_json())

    imported(store, primer, *(a_source(slug=f"chapter-{number}", number=number) for number in ("1.10", "1.2", "1.9")))

    walls = [the_post(store, slug).wall for slug in ("chapter-1.2", "chapter-1.9", "chapter-1.10")]
    assert walls == [datetime(2026, 3, day, 7) for day in (5, 6, 7)]


@pytest.mark.parametrize("slug", ["feeds", "media", "unsubscribe", "Not a slug", ""])
def test_a_slug_that_is_reserved_or_malformed_is_refused(store: Store, slug: str):
    a_house(store)

    with pytest.raises(BadValue), store.writing() as session:
        create_series(session, slug=slug, title="A title", zone="UTC", language="en", now=NOON)

    assert contents(store)["series"] == []


def test_a_slug_that_is_taken_is_refused(store: Store, primer: Series):
    with pytest.raises(BadValue, match="is there already"), store.writing() as session:
        create_series(session, slug="primer", title="Again", zone="UTC", language="en", now=NOON)


def test_a_date_without_a_time_takes_the_hour_of_its_series(store: Store):
    a_house(store)
    with store.writing() as session:
        primer = a_series(session, zone="Europe/Berlin", hour="18:30")

    imported(store, primer, a_source(slug="one", wall=date(2026, 3, 5)))

    post = the_post(store, "one")
    assert post.wall == datetime(2026, 3, 5, 18, 30)
    assert post.due_at == at("2026-03-05 17:30")


def test_a_minted_entry_id_names_the_domain_and_the_day(store: Store, primer: Series):
    imported(store, primer, a_source(slug="one"))

    assert the_post(store, "one").entry_id.startswith("tag:example.org,2026-03-01:")


def test_an_import_waits_for_a_release_under_way_in_its_series(store: Store, primer: Series):
    with store.writing() as session:
        a_planned_post(session, primer, at("2026-03-05 07:00"), slug="new")
    importing = _Background(lambda: imported(store, primer, a_source(slug="old", wall=PAST)))

    with store.writing() as session:
        series = all_series.locked(session, primer.id)
        [due] = posts.due_of_series(session, primer.id, now=at("2026-03-05 07:00"), limit=1)
        importing.begin()
        releases.record(session, series, due, released_at=at("2026-03-05 07:00"), silent=False)  # type: ignore[arg-type]

    importing.finish()
    assert released_slugs(store) == ["new", "old"]


class _Background:
    """Work in a thread of its own, given a little while to get as far as it can; its error comes out at the end."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        self._thread.start()
        self._thread.join(timeout=0.5)

    def finish(self) -> None:
        self._thread.join(timeout=120)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # handed on by finish()
            self._error = error
