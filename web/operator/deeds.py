"""A row of the record of who did what, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db.said import say
from db.tables import Audit
from scheduler.edit import records
from scheduler.naming import actor_said, named
from scheduler.steer import BREAKER


@dataclass(frozen=True)
class Deed:
    at: datetime
    who: str
    what: str
    about: str


def told(row: Audit, series: Mapping[int, str], *, names_readers: bool) -> Deed:
    """`series` has the titles of those that are there. What may name a reader is told only to who may see them."""
    kind, _, number = row.subject.partition(":")
    title = series.get(int(number)) if kind == "series" and number.isdecimal() else None
    about = title or str(row.detail.get("email") or row.detail.get("post") or "") or _thing(kind, number)
    return Deed(row.at, actor_said(row.actor), _what(row, with_reason=names_readers or row.actor != BREAKER), about)


_KINDS: Mapping[str, str] = {
    "operators": say("operators"),
    "operator": say("operator"),
    "series": say("series"),
    "edition": say("edition"),
    "post": say("post"),
    "subscriber": say("subscriber"),
    "address": say("address"),
    "catch-up": say("catch-up feed"),
}


def _thing(kind: str, number: str) -> str:
    named_kind = _KINDS.get(kind, kind)
    return say("%(kind)s %(number)s", kind=named_kind, number=number) if number else named_kind


_DONE: Mapping[str, str] = {
    # plans
    "edit": say("edit"),
    "undo": say("undo"),
    "redo": say("redo"),
    "import": say("import"),
    "correct": say("correct"),
    "tzdata": say("other rules of zones"),
    # editions and addresses
    "pause": say("pause"),
    "resume": say("resume"),
    "cancel": say("cancel"),
    "retry": say("retry"),
    "resend": say("resend"),
    "settle": say("settle"),
    "suppress": say("suppress"),
    "lift suppression": say("lift suppression"),
    # operators
    "invite": say("invite"),
    "role": say("role"),
    "join": say("join"),
    "reset": say("reset"),
    "let in": say("let in by a link"),
    "remove": say("remove"),
    "sign in": say("sign in"),
    "sign out everywhere": say("sign out everywhere"),
    "new password": say("new password"),
    "recovery code": say("recovery code"),
    "new recovery codes": say("new recovery codes"),
    "second factor on": say("second factor on"),
    "second factor off": say("second factor off"),
}


def action_said(action: str) -> str:
    """What was done, in a word: what has none stands as it is."""
    return _DONE.get(action, action)


def _what(row: Audit, *, with_reason: bool) -> str:
    done = _DONE.get(row.action, row.action)
    told = records.words(row.detail) or done
    if row.detail.get("steps") and row.action in ("undo", "redo") and not told.startswith(row.action):
        told = say("%(done)s (%(more)s)", done=done, more=told)
    if row.action in ("invite", "role", "join") and row.detail.get("role"):
        told = say("%(done)s: %(more)s", done=done, more=named(row.detail["role"]))
    reason = row.detail.get("reason")
    return say("%(done)s (%(more)s)", done=told, more=reason) if reason and with_reason else told
