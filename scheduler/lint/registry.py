"""The rules by their ids, and running them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from db.errors import BadValue
from scheduler.lint import announced, days, links, moments, names, numbers, stock, words
from scheduler.lint.values import Book, Finding, Found, Severity
from scheduler.lint.view import View, shelf_of, view_of

NOWHERE = "https://site.invalid"
"""Stands for a site whose address is not known: only relative links and those from its root are told apart then."""


@dataclass(frozen=True)
class Rule:
    severity: Severity
    look: Callable[[View], Iterable[Found]]


RULES: Mapping[str, Rule] = {
    "announced-missing": Rule(Severity.error, announced.announced_missing),
    "double-booked-slot": Rule(Severity.error, days.double_booked_slot),
    "double-booked-day": Rule(Severity.warning, days.double_booked_day),
    "gap": Rule(Severity.warning, days.gap),
    "blackout": Rule(Severity.error, moments.blackout),
    "past-planned": Rule(Severity.error, moments.past_planned),
    "dst-gap": Rule(Severity.warning, moments.dst_gap),
    "dst-fold": Rule(Severity.note, moments.dst_fold),
    "number-missing": Rule(Severity.warning, numbers.number_missing),
    "number-repeated": Rule(Severity.error, numbers.number_repeated),
    "number-descends": Rule(Severity.warning, numbers.number_descends),
    "order-against-number": Rule(Severity.warning, numbers.order_against_number),
    "ordinal": Rule(Severity.error, names.ordinal),
    "other-chapter": Rule(Severity.error, names.other_chapter),
    "other-series": Rule(Severity.error, names.other_series),
    "empty-body": Rule(Severity.error, words.empty_body),
    "empty-summary": Rule(Severity.warning, words.empty_summary),
    "broken-link": Rule(Severity.error, links.broken_link),
    "link-before-release": Rule(Severity.warning, links.link_before_release),
    "buffer": Rule(Severity.note, stock.buffer),
}
"""In the order in which findings are told."""


def lint(books: Sequence[Book], *, now: datetime, site_url: str = NOWHERE) -> list[Finding]:
    """Everything that the rules find, series by series. The books are all there are: links lead from one to another."""
    shelf = shelf_of(books, site_url)
    return [finding for book in books for finding in _findings(book, view_of(book, shelf, now=now))]


def _findings(book: Book, view: View) -> Iterator[Finding]:
    for name, rule in RULES.items():
        if name in book.off:
            continue
        for found in rule.look(view):
            yield Finding(
                rule=name,
                severity=rule.severity,
                series=book.series,
                post=found.post,
                place=found.place,
                message=found.message,
                mend=found.mend,
            )


def check_rule_ids(ids: Iterable[str]) -> None:
    """Raises BadValue for an id that no rule has."""
    for name in ids:
        if name not in RULES:
            close = get_close_matches(name, RULES, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(RULES)}"
            raise BadValue(f"lint: {name!r} is not a rule; {hint}")
