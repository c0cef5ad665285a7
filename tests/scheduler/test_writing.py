"""Words written by hand: over the revision they began with, seen by feeds, and left alone by an import."""

import pytest
from sqlalchemy.orm import Session

from db import posts, revisions
from db import series as all_series
from db.engine import Store
from db.errors import BadValue
from db.tables import Series
from scheduler.intake import Change
from scheduler.release import release_due
from scheduler.wording import Wording
from scheduler.writing import EditedMeanwhile, Manuscript, Saved, create, restore_revision, save
from tests.making import (
    NOON,
    RULES,
    a_house,
    a_series,
    a_source,
    at,
    feed_work_raised,
    feed_work_wanted,
    taken_in,
    the_post,
)

ADA, ED = "ada@example.org", "ed@example.org"
RAIN = a_source("Rain", slug="rain", number="1", body="It raned.", wall=at("2026-03-02 07:00").replace(tzinfo=None))


@pytest.fixture
def primer(store: Store) -> Series:
    """A series with one chapter that is planned."""
    a_house(store)
    with store.writing() as session:
        series = a_series(session)
        taken_in(session, series, [RAIN])
        return series


def a_manuscript(
    body: str = "It rained.", *, slug: str = "rain", number: str | None = "1", **words: object
) -> Manuscript:
    fields: dict[str, object] = {
        "title": "Rain",
        "summary": "What it is about.",
        "author": None,
        "tags": (),
        "body": body,
        "files": {},
    }
    return Manuscript(slug=slug, number=number, wording=Wording(**{**fields, **words}))  # type: ignore[arg-type]


def saved(store: Store, written: Manuscript, *, based_on: int = 1, by: str = ADA, minor: bool = False) -> Saved:
    with store.writing() as session:
        series = all_series.by_slug(session, "primer")
        return save(session, series, "rain", written, based_on=based_on, minor=minor, actor=by, now=NOON)


def words_of(store: Store, slug: str = "rain") -> list[tuple[int, str | None]]:
    """The numbers of all revisions with who wrote them, the newest first."""
    with store.reading() as session:
        return [(one.number, one.actor) for one in revisions.of_post(session, the_post(store, slug).id)]


def body_of(session: Session, slug: str = "rain") -> str:
    return posts.by_slug(session, all_series.by_slug(session, "primer"), slug).words.body


def released(store: Store) -> None:
    release_due(store, rules=RULES, now=at("2026-03-02 07:00"))


def test_ada_corrects_a_chapter_and_it_is_noted_as_hers(store: Store, primer: Series):
    result = saved(store, a_manuscript())

    assert result.revision is not None
    assert words_of(store) == [(2, ADA), (1, "import")]
    with store.reading() as session:
        assert body_of(session) == "It rained."


def test_the_same_words_again_are_no_revision(store: Store, primer: Series):
    result = saved(store, a_manuscript("It raned."))

    assert result.revision is None
    assert words_of(store) == [(1, "import")]


def test_two_who_began_with_the_same_words_never_overwrite_each_other(store: Store, primer: Series):
    saved(store, a_manuscript("It poured."), by=ED)

    with pytest.raises(EditedMeanwhile, match=r"ed@example\.org has saved revision 2"):
        saved(store, a_manuscript())

    with store.reading() as session:
        assert body_of(session) == "It poured."


def test_a_chapter_that_is_out_is_said_anew_by_feeds_and_one_that_waits_is_not(store: Store, primer: Series):
    before = feed_work_wanted(store)
    saved(store, a_manuscript())
    waits = feed_work_raised(store, before)
    released(store)

    before = feed_work_wanted(store)
    saved(store, a_manuscript("It rained a lot.", tags=("Weather",)), based_on=2)

    assert waits == {}
    assert feed_work_raised(store, before) == {"all": 1, f"series:{primer.id}": 1, "tag:weather": 1}


def test_a_small_change_is_no_news(store: Store, primer: Series):
    released(store)

    result = saved(store, a_manuscript(), minor=True)

    assert result.revision is not None
    assert not result.revision.significant


def test_another_slug_and_number_go_with_the_words(store: Store, primer: Series):
    released(store)

    result = saved(store, a_manuscript(slug="the-rain", number="1.1"))

    assert (result.post.slug, result.post.number) == ("the-rain", "1.1")
    assert the_post(store, "the-rain").seq == 1


@pytest.mark.parametrize(
    ("slug", "number", "why"),
    [("The Rain", "1", "cannot carry"), ("feed.atom", "1", "reserved"), ("rain", "\n", "cannot be a number")],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    store: Store, primer: Series, slug: str, number: str, why: str
):
    with pytest.raises(BadValue, match=why):
        saved(store, a_manuscript(slug=slug, number=number))

    assert words_of(store) == [(1, "import")]


def test_a_file_that_is_not_in_the_store_is_refused(store: Store, primer: Series):
    with pytest.raises(BadValue, match=r"'sea.png' is not in the store any more"):
        saved(store, a_manuscript(files={"sea.png": "0" * 64}))

    assert words_of(store) == [(1, "import")]


def test_a_new_post_is_a_draft_until_it_is_put_into_the_plan(store: Store, primer: Series):
    with store.writing() as session:
        series = all_series.by_slug(session, "primer")
        create(session, series, a_manuscript(slug="fog", number=None), actor=ADA, now=NOON)

    fog = the_post(store, "fog")
    assert (fog.state, fog.due_at, fog.entry_id[:16]) == ("draft", None, "tag:example.org,")
    assert words_of(store, "fog") == [(1, ADA)]


def test_a_slug_that_is_taken_is_refused(store: Store, primer: Series):
    with store.writing() as session, pytest.raises(BadValue, match="has a post 'rain' already"):
        create(session, all_series.by_slug(session, "primer"), a_manuscript(), actor=ADA, now=NOON)


def test_the_words_of_an_earlier_revision_come_back_as_a_new_one(store: Store, primer: Series):
    saved(store, a_manuscript())

    with store.writing() as session:
        series = all_series.by_slug(session, "primer")
        restore_revision(session, series, "rain", 1, based_on=2, actor=ED, now=NOON)

    assert words_of(store) == [(3, ED), (2, ADA), (1, "import")]
    with store.reading() as session:
        assert body_of(session) == "It raned."


def test_the_file_of_before_leaves_what_ada_corrected(store: Store, primer: Series):
    saved(store, a_manuscript())

    with store.writing() as session:
        [again] = taken_in(session, all_series.by_slug(session, "primer"), [RAIN])

    assert again.change is Change.same
    with store.reading() as session:
        assert body_of(session) == "It rained."


def test_a_file_that_says_something_new_takes_the_place_of_what_ada_wrote_and_says_so(store: Store, primer: Series):
    saved(store, a_manuscript())
    other = a_source("Rain", slug="rain", number="1", body="It poured.", wall=RAIN.wall)  # type: ignore[arg-type]

    with store.writing() as session:
        [again] = taken_in(session, all_series.by_slug(session, "primer"), [other])

    assert (again.change, again.over) == (Change.changed, ADA)
    assert words_of(store) == [(3, "import"), (2, ADA), (1, "import")]


def test_a_post_taken_in_before_that_was_noted_is_left_alone_too(store: Store, primer: Series):
    with store.writing() as session:
        post = posts.by_slug(session, all_series.by_slug(session, "primer"), "rain").post
        post.said = {name: value for name, value in (post.said or {}).items() if name != "words"}
    saved(store, a_manuscript())

    with store.writing() as session:
        [again] = taken_in(session, all_series.by_slug(session, "primer"), [RAIN])

    assert again.change is Change.same
