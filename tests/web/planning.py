"""A plan for tests of the schedule's pages."""

from scheduler.cadence import parse_words
from tests.making import a_series as a_planned_series
from tests.making import a_source, taken_in
from tests.web.making import NOW, Shop

CADENCE = "weekdays at 07:00 from 2 March 2026"


def a_plan(shop: Shop, slug: str = "primer", *, title: str = "The Primer", count: int = 5, **values: object) -> None:
    """Chapters c1, c2, … on weekdays at 07:00 in Riga; it is Friday 6 March, so the first comes on Monday 9."""
    with shop.store.writing() as session:
        cadence = parse_words(CADENCE).to_json()
        series = a_planned_series(session, slug, title=title, zone="Europe/Riga", cadence=cadence, now=NOW, **values)
        sources = [
            a_source(f"Chapter {number}", slug=f"c{number}", number=str(number)) for number in range(1, count + 1)
        ]
        taken_in(session, series, sources, now=NOW)
