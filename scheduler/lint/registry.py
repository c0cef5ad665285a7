"""The rules by their ids, and running them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from db.errors import BadValue
from db.said import say, say_or, worded
from scheduler.lint import announced, days, links, moments, names, numbers, stock, words
from scheduler.lint.values import Book, Finding, Found, Severity
from scheduler.lint.view import View, shelf_of, view_of

NOWHERE = "https://site.invalid"
"""Stands for a site whose address is not known: only relative links and those from its root are told apart then."""


@dataclass(frozen=True)
class Rule:
    """`name` is what pages call it, where commands use its id."""

    severity: Severity
    look: Callable[[View], Iterable[Found]]
    name: str


RULES: Mapping[str, Rule] = {
    "announced-missing": Rule(Severity.error, announced.announced_missing, say("announced, not there")),
    "double-booked-slot": Rule(Severity.error, days.double_booked_slot, say("two at one moment")),
    "double-booked-day": Rule(Severity.warning, days.double_booked_day, say("too many on a day")),
    "gap": Rule(Severity.warning, days.gap, say("gap")),
    "blackout": Rule(Severity.error, moments.blackout, say("closed day")),
    "past-planned": Rule(Severity.error, moments.past_planned, say("overdue")),
    "dst-gap": Rule(Severity.warning, moments.dst_gap, say("skipped hour")),
    "dst-fold": Rule(Severity.note, moments.dst_fold, say("hour that comes twice")),
    "number-missing": Rule(Severity.warning, numbers.number_missing, say("number missing")),
    "number-repeated": Rule(Severity.error, numbers.number_repeated, say("number repeated")),
    "number-descends": Rule(Severity.warning, numbers.number_descends, say("number out of step")),
    "order-against-number": Rule(Severity.warning, numbers.order_against_number, say("order against number")),
    "ordinal": Rule(Severity.error, names.ordinal, say("another number in its words")),
    "other-chapter": Rule(Severity.error, names.other_chapter, say("speaks as another chapter")),
    "other-series": Rule(Severity.error, names.other_series, say("speaks as another series")),
    "empty-body": Rule(Severity.error, words.empty_body, say("no text")),
    "empty-summary": Rule(Severity.warning, words.empty_summary, say("no summary")),
    "broken-link": Rule(Severity.error, links.broken_link, say("broken link")),
    "link-before-release": Rule(Severity.warning, links.link_before_release, say("link to what comes later")),
    "buffer": Rule(Severity.note, stock.buffer, say("few ahead")),
}
"""In the order in which findings are told."""


def lint(books: Sequence[Book], *, now: datetime, site_url: str = NOWHERE, only: str | None = None) -> list[Finding]:
    """Everything that the rules find, series by series, or in `only` one.

    The books are all there are: links lead from one to another.
    """
    shelf = shelf_of(books, site_url)
    looked_at = (book for book in books if only in (None, book.series))
    return [finding for book in looked_at for finding in _findings(book, view_of(book, shelf, now=now))]


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


def rule_named(rule: str) -> str:
    """What pages call a rule, such as `{{ rule_named(finding.rule) }}`."""
    return RULES[rule].name


def check_rule_ids(ids: Iterable[str]) -> None:
    """Raises BadValue for an id that no rule has."""
    for name in ids:
        if name not in RULES:
            close = get_close_matches(name, RULES, n=3)
            hint = worded(f"there are {', '.join(RULES)}", say("there are %(rules)s", rules=_quoted(RULES)))
            if close:
                hint = worded(
                    f"did you mean {' or '.join(close)}?", say("did you mean %(close)s?", close=say_or(_quoted(close)))
                )
            raise BadValue(say("lint: %(name)r is not a rule; %(hint)s", name=name, hint=hint))


def _quoted(ids: Iterable[str]) -> list[str]:
    return [f"`{one}`" for one in ids]
