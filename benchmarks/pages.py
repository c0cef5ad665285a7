"""Every page whose cost might grow with readers, posts or letters, on a house that is large.

A line per page: the median and the 95th percentile of its milliseconds, those in which this process worked, and its
kilobytes as they are sent. Aim: 150 ms.
Run as: PYTHONPATH=. python benchmarks/pages.py [READERS] [--store URL]: on a store that is filled already, that alone
is measured.
"""

import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
from crowd import NOW, Size, fill
from databases import both, new_url
from sqlalchemy import select

from db import migrate
from db.engine import Store, open_store
from db.states import Role
from db.tables import Edition
from scheduler.crowd import count_anew
from scheduler.tallying import tally_one
from tests.making import a_house
from tests.web.making import Shop
from tests.web.staff import an_operator, signed_in
from timing.clocks import Moment

ASKED = 12
PUBLIC = (
    "/", "/series-1/", "/series-1/chapter-50/", "/tag/rain/", "/archive/", "/archive/2026-03/",
    "/search?q=chapter+words", "/search?q=series", "/sitemap.xml", "/schedule.ics",
    "/series-1/schedule.ics", "/subscribe", "/healthz",
)  # fmt: skip
OPERATORS = (
    "", "schedule/", "schedule/?month=2026-04", "schedule/?view=list", "plan/series-1/", "posts/", "posts/?q=words",
    "posts/?state=planned", "posts/series-1/chapter-50/", "posts/series-1/chapter-60/look/?view=letter",
    "posts/series-1/chapter-60/frame/letter", "findings/", "ahead/?on=2026-03-07", "ahead/?on=2026-04-15",
    "ahead/?on=2027-03-01", "readers/", "readers/500001/", "figures/", "figures/?days=90", "editions/",
    "editions/now?shown=60sending", "editions/60/", "editions/60/?state=soft", "editions/60/progress?state=sending",
    "editions/60/course?state=sending", "editions/30/", "suppressions/", "imports/", "audit/", "operators/",
)  # fmt: skip


def main(readers: int, store: str | None) -> None:
    if store:
        measure("", open_store(store))
        return
    with both() as places:
        for name, place in places.items():
            made = open_store(new_url(place))
            migrate.upgrade(made)
            a_house(made)
            fill(made, Size(readers=readers, letters=readers))
            measure(name, made)
            made.close()


def measure(name: str, store: Store) -> None:
    """The last edition is on its way while it is measured."""
    shop = Shop(Path(tempfile.mkdtemp()), store, calendar=lambda: NOW, machine=NOW)
    with store.writing() as session:
        last = session.scalars(select(Edition).order_by(Edition.id.desc()).limit(1)).one()
        last.state, last.finished_at = "sending", None
    while tally_one(store):  # as the planner does
        pass
    begin = time.perf_counter()
    count_anew(store, Moment(NOW, NOW))
    print(f"{name:11}counting the readers, beside the pages{(time.perf_counter() - begin) * 1000:29.0f} ms", flush=True)
    email = f"{uuid.uuid4().hex[:8]}@example.org"
    an_operator(shop, email, Role.owner, name="Ada")
    ada = signed_in(shop, email)
    for path in PUBLIC:
        _told(name, path, lambda path=path: shop.get(path, accept_encoding="gzip"))
    for path in OPERATORS:
        _told(name, f"/operator/{path}", lambda path=path: ada.get(f"/operator/{path}", accept_encoding="gzip"))
    for begins in ("r", "reader500001@", "nobody"):
        form = {"address": begins}
        _told(name, f"/operator/readers/, asked for {begins}", lambda form=form: ada.post("/operator/readers/", form))


def _told(name: str, what: str, ask: Callable[[], httpx.Response]) -> None:
    answer, times, worked = ask(), [], []
    for _ in range(ASKED):
        begin, work = time.perf_counter(), time.process_time()
        answer = ask()
        times.append((time.perf_counter() - begin) * 1000)
        worked.append((time.process_time() - work) * 1000)
    median, high = statistics.median(times), sorted(times)[-1 - ASKED // 20]
    size = int(answer.headers.get("content-length") or len(answer.content)) / 1000
    own = statistics.median(worked)
    print(f"{name:11}{what:55}{answer.status_code} {median:8.1f} ms {high:8.1f} {own:8.1f} {size:8.1f} kB", flush=True)


if __name__ == "__main__":
    asked = sys.argv[1:]
    url = asked[asked.index("--store") + 1] if "--store" in asked else None
    main(int(asked[0]) if asked and asked[0].isdecimal() else 1_000_000, url)
