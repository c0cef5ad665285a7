"""Edits of which post comes when another does: insert, remove, swap, move beside another, and the numbers on them."""

from dataclasses import dataclass, replace
from datetime import datetime

from db.errors import BadValue
from db.said import say
from db.states import PostState
from importers.values import NumberKey, number_key
from scheduler.edit.edits import check_free, check_number, leaving, place_of, the_post, the_waiting
from scheduler.naming import named
from scheduler.plan import Placed, Plan, woven


@dataclass(frozen=True)
class Insert:
    """Put a draft into the plan, beside a post or where its number belongs; the rest makes room."""

    post: str
    after: str | None = None
    before: str | None = None

    @property
    def words(self) -> str:
        return say("insert %(post)s%(beside)s", post=self.post, beside=_beside(self.after, self.before))

    def changed(self, plan: Plan, now: datetime) -> Plan:
        draft = the_post(plan, self.post)
        if draft.seq is not None or draft.state != PostState.draft:
            raise BadValue(
                say(
                    "%(slug)s is %(state)s, not a draft; `fascicle plan move` moves a post",
                    slug=draft.slug,
                    state=named(draft.state),
                )
            )
        post = replace(draft, state=PostState.planned, wall=draft.pin)
        if post.pin is not None:
            check_free(plan, post, post.pin, now)
        if self.after is None and self.before is None:
            return plan.with_waiting(woven(plan.waiting, [post], date=_date, label=_label))
        place = place_of(plan, after=self.after, before=self.before)
        return plan.with_waiting([*plan.waiting[:place], post, *plan.waiting[place:]])


@dataclass(frozen=True)
class Remove:
    """Take a post out of the plan: it becomes a draft, and the rest moves up."""

    post: str

    @property
    def words(self) -> str:
        return say("remove %(post)s", post=self.post)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        post = the_waiting(plan, self.post)
        draft = replace(post, state=PostState.draft, pin=None, earliest=None, wall=None, due_at=None)
        rest = [one for one in leaving(plan, post).waiting if one.key != post.key]
        return replace(plan, posts=(*plan.out, *rest, *plan.aside, draft))


@dataclass(frozen=True)
class Swap:
    """Exchange the places and moments of two posts; no other moves."""

    one: str
    other: str

    @property
    def words(self) -> str:
        return say("swap %(one)s and %(other)s", one=self.one, other=self.other)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        one, other = the_waiting(plan, self.one), the_waiting(plan, self.other)
        if one.key == other.key:
            raise BadValue(say("%(slug)s cannot be swapped with itself; name two posts", slug=one.slug))
        exchanged = {
            one.key: replace(other, pin=one.pin, earliest=one.earliest, wall=one.wall),
            other.key: replace(one, pin=other.pin, earliest=other.earliest, wall=other.wall),
        }
        return plan.with_waiting(exchanged.get(post.key, post) for post in plan.waiting)


@dataclass(frozen=True)
class MoveBeside:
    """Give a post another place in the order; a pin is lost by it, and the rest closes up."""

    post: str
    after: str | None = None
    before: str | None = None

    @property
    def words(self) -> str:
        return say("move %(post)s%(beside)s", post=self.post, beside=_beside(self.after, self.before))

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        post = the_waiting(plan, self.post)
        if the_post(plan, self.after or self.before or "").key == post.key:
            raise BadValue(say("%(slug)s cannot be moved beside itself; name another post", slug=post.slug))
        without = plan.with_waiting(one for one in leaving(plan, post).waiting if one.key != post.key)
        place = place_of(without, after=self.after, before=self.before)
        moved = replace(post, pin=None, earliest=None, wall=None)
        return plan.with_waiting([*without.waiting[:place], moved, *without.waiting[place:]])


@dataclass(frozen=True)
class Relabel:
    """Change the number of one post."""

    post: str
    number: str | None

    @property
    def words(self) -> str:
        return say("relabel %(post)s as %(number)s", post=self.post, number=self.number or say("without number"))

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        check_number(self.number)
        key = the_post(plan, self.post).key
        posts = tuple(replace(post, number=self.number) if post.key == key else post for post in plan.posts)
        return replace(plan, posts=posts)


@dataclass(frozen=True)
class Renumber:
    """Number the planned posts from one on in their order: 7, 8, 9."""

    post: str
    first: int

    @property
    def words(self) -> str:
        return say("number %(post)s and those after it from %(first)s on", post=self.post, first=self.first)

    def changed(self, plan: Plan, now: datetime) -> Plan:
        del now
        check_number(str(self.first))
        begin = plan.waiting.index(the_waiting(plan, self.post))
        numbered = [replace(post, number=str(number)) for number, post in enumerate(plan.waiting[begin:], self.first)]
        return plan.with_waiting([*plan.waiting[:begin], *numbered])


def _date(post: Placed) -> datetime | None:
    return post.wall


def _label(post: Placed) -> tuple[NumberKey, int]:
    return number_key(post.number), post.key


def _beside(after: str | None, before: str | None) -> str:
    if after:
        return say(" after %(post)s", post=after)
    return say(" before %(post)s", post=before) if before else ""
