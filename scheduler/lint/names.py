"""Words of a post that disagree with what it is: its number, its chapter, its series."""

from collections.abc import Iterator

from db.said import marked, say, say_in_a_row
from scheduler.lint.claims import Claim, Claims
from scheduler.lint.mends import either, imported, relabelled
from scheduler.lint.numbering import Parts, agree, written
from scheduler.lint.values import Found
from scheduler.lint.view import View

_SAYS = {
    "title": marked('the title of %(post)s says "%(words)s", but its number is %(number)s'),
    "summary": marked('the summary of %(post)s says "%(words)s", but its number is %(number)s'),
    "both": marked('the title and the summary of %(post)s says "%(words)s", but its number is %(number)s'),
}


def ordinal(view: View) -> Iterator[Found]:
    """An ordinal in title or summary, or a chapter in the title, that is not the number of the post."""
    for one in view.claims:
        wrong = [(where, claim) for where, claim in _ordinals(one) if _disagrees(claim, one.number)]
        if wrong and one.number is not None:
            where, claim = wrong[0]
            message = _disagreeing(view, one, where if len(wrong) == 1 else "both", claim, one.number)
            yield Found(one.chapter.slug, message, _mend(view, one.chapter.slug, claim, where), one.chapter.slug)


def other_chapter(view: View) -> Iterator[Found]:
    """A summary that presents itself as another chapter than its post."""
    for one in view.claims:
        claim, slug = one.summary, one.chapter.slug
        if claim is None or not claim.is_chapter or claim.series is not None or _is_told(one, claim):
            continue
        if one.number is None and view.numbered:
            text = marked('the summary of %(post)s says "%(words)s", but the post has no number')
            yield Found(slug, say(text, post=slug, words=claim.words), _mend(view, slug, claim), slug)
        elif one.number is not None and not agree(one.number, claim.number):
            message = _disagreeing(view, one, "summary", claim, one.number)
            yield Found(slug, message, _mend(view, slug, claim), slug)


def other_series(view: View) -> Iterator[Found]:
    """A summary that presents itself as part of another series."""
    for one in view.claims:
        claim, slug = one.summary, one.chapter.slug
        if claim is not None and claim.series is not None:
            values = {"post": slug, "words": claim.words, "other": claim.series, "series": view.book.title}
            message = say('the summary of %(post)s says "%(words)s" of %(other)s; its series is %(series)s', **values)
            yield Found(slug, message, _mend(view, slug, claim), slug)


def _disagreeing(view: View, one: Claims, where: str, claim: Claim, number: Parts) -> str:
    message = say(_SAYS[where], post=one.chapter.slug, words=claim.words, number=written(number))
    owner = _owner(view, claim)
    if owner is None:
        return message
    return say_in_a_row([message, say("%(number)s is %(post)s", number=written(claim.number), post=owner)])


def _ordinals(one: Claims) -> Iterator[tuple[str, Claim]]:
    """Words about the own series that say which post this is. Chapters in the summary are a rule of their own."""
    if one.title is not None and one.title.series is None:
        yield "title", one.title
    if one.summary is not None and one.summary.series is None and not one.summary.is_chapter:
        yield "summary", one.summary


def _disagrees(claim: Claim, number: Parts | None) -> bool:
    """An ordinal counts posts, so it is compared with whole numbers only."""
    if number is None:
        return False
    if claim.is_chapter:
        return not agree(claim.number, number)
    return len(number) == 1 and claim.number != number


def _is_told(one: Claims, claim: Claim) -> bool:
    """Whether the title says the same wrong chapter: then it is the number that is wrong, and one finding is enough."""
    return one.title is not None and _disagrees(one.title, one.number) and one.title.number == claim.number


def _owner(view: View, claim: Claim) -> str | None:
    """Who else has the number that is claimed."""
    return next((one.chapter.slug for one in view.numbered if one.number == claim.number), None)


def _mend(view: View, slug: str, claim: Claim, where: str = "summary") -> str:
    """To correct the words or, where nobody else has the number that they claim, to take it."""
    said = say("correct the title") if where == "title" else say("correct the summary")
    again = imported(view, f"{said}", said, again=True)
    if claim.series is not None or _owner(view, claim):
        return again
    return either([again, relabelled(view, slug, written(claim.number))])
