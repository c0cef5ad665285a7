"""A post from a record: the one reading of the fields that folders and listings share."""

import datetime
from collections.abc import Callable, Collection, Hashable, Iterable

from db.said import say
from importers.findings import Findings, shown
from importers.media import Written
from importers.records import Record
from importers.slugs import trouble_with
from importers.values import PostSource
from importers.walltime import NotAWallTime, read_wall
from text.addresses import RESERVED_POST_SLUGS, slugify

_DRAFT = {None: False, "false": False, "true": True}


def read_post(record: Record, written: Written, *, separators: str, findings: Findings) -> PostSource:
    """The post that a record describes. Where a problem was noted a stand-in is filled, so that reading goes on."""
    title = _title(record, findings)
    return PostSource(
        series=record.text("series"),
        number=record.text("number"),
        title=title,
        summary=record.text("summary") or "",
        slug=_slug(record, title, findings=findings),
        wall=_wall(record, findings),
        tags=record.listed("tags", separators=separators),
        author=record.text("author"),
        draft=_draft(record, findings),
        id=_id(record, findings),
        body=written.body,
        media=written.media,
        place=record.place,
    )


def check_unique(posts: Collection[PostSource], findings: Findings) -> None:
    """Notes, at the later of two, each address that is taken within its series and each id that is taken at all."""
    addresses = [((post.series, post.slug), post) for post in posts if post.slug]
    _check_once(addresses, lambda post: say("the slug `%(slug)s`", slug=post.slug), findings=findings)
    ids = [(post.id, post) for post in posts if post.id]
    _check_once(ids, lambda post: say("the id `%(id)s`", id=post.id), findings=findings)


def _title(record: Record, findings: Findings) -> str:
    title = record.text("title")
    if title is None:
        findings.add(record.at("title"), say("`title` is missing."))
    return title or ""


def _slug(record: Record, title: str, *, findings: Findings) -> str:
    given = record.text("slug")
    slug = given or slugify(title)
    why = trouble_with(slug, RESERVED_POST_SLUGS) if given or title else None
    if why:
        origin = "" if given else say(" It was made from the title; give a `slug` of your own.")
        words = say("`slug` %(slug)s %(why)s.%(origin)s", slug=shown(slug), why=why, origin=origin)
        findings.add(record.at("slug"), words)
    return "" if why else slug


def _wall(record: Record, findings: Findings) -> datetime.date | datetime.datetime | None:
    text = record.text("date")
    try:
        return None if text is None else read_wall(text)
    except NotAWallTime as error:
        findings.add(record.at("date"), say("`date` %(value)s: %(why)s", value=shown(text or ""), why=str(error)))
        return None


def _draft(record: Record, findings: Findings) -> bool:
    text = record.text("draft")
    if text not in _DRAFT:
        findings.add(record.at("draft"), say("`draft` %(value)s: write true or false.", value=shown(text or "")))
    return _DRAFT.get(text, True)


def _id(record: Record, findings: Findings) -> str | None:
    text = record.text("id")
    if text is not None and " " in text:
        findings.add(
            record.at("id"),
            say("`id` %(value)s: an id is kept as it is for ever and has no spaces.", value=shown(text)),
        )
    return text


def _check_once(
    posts: Iterable[tuple[Hashable, PostSource]], what: Callable[[PostSource], str], *, findings: Findings
) -> None:
    first: dict[Hashable, PostSource] = {}
    for key, post in posts:
        other = first.setdefault(key, post)
        if other is not post:
            words = say(
                "%(what)s is that of %(place)s too; give one of them another.", what=what(post), place=other.place.said
            )
            findings.add(post.place, words)
