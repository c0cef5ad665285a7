"""A house in full swing, and every page of it with what a person does there: for browsers, axe and pictures."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

from playwright.sync_api import Page
from sqlalchemy import select

from db import migrate, operators, posts
from db import series as all_series
from db.engine import Store, open_store
from db.states import InDoubtPolicy, Role, UploadKind
from db.tables import Edition, Subscriber
from fascicle.demo.stage import examples
from fascicle.seriesfile import read_series_file
from importers.markdown import read_folder
from scheduler import suppressing
from scheduler.cadence import parse_words
from scheduler.edit import AddBlackout, MoveWithRest, apply_at_once
from scheduler.intake import NewSeries, take_in
from scheduler.readers import ReaderDefaults
from scheduler.series_settings import apply
from scheduler.steer import By
from scheduler.uploads import UploadTaker, receive
from scheduler.wording import wording_of
from scheduler.writing import Manuscript, save
from tests.mail.faulty import DROP, FaultyRelay
from tests.making import TOKENS, a_clockwork, a_house, a_reader, a_source, at, taken_in
from tests.making import a_series as a_planned_series
from tests.ports import free_port
from tests.sending.office import Office, running
from tests.web.letterbox import newest_link, sent
from tests.web.making import NOW, Shop, a_letter
from tests.web.serving import serving
from tests.web.staff import PASSWORD, an_operator
from tests.web.windows import fill_in
from web.auth import staff
from web.auth.secrets import Sealer

BEGIN = at("2026-02-16 12:00")
EXAMPLES = ("llm-primer-1", "llm-primer-2")
LONG = "What the harbour master wrote down in the night when the light went out, and what he left out of it"


@dataclass(frozen=True)
class Visit:
    """A page under a name; `act` is done there before one looks. Nobody is signed in where `who` is None."""

    name: str
    path: str
    who: str | None = None
    act: Callable[[Page], object] = lambda page: None


def a_scene(folder: Path) -> Shop:
    """It is Friday, 6 March 2026, at noon."""
    store = open_store(f"sqlite:///{folder / 'fascicle.db'}")
    migrate.upgrade(store)
    shop = Shop(folder, store, outbox=folder / "outbox", tokens=TOKENS)
    a_house(store, now=BEGIN)
    _write(store)
    _read(store)
    _release(store, folder, NOW - timedelta(days=2))
    _mail(store, folder)
    _release(store, folder, NOW - timedelta(hours=4))
    _steer(store)
    _correct(store)
    _mail_with_trouble(store, folder)
    _lists(store)
    _staff(shop)
    _subscribe(shop)
    _ask_for_feeds(shop)
    a_letter(folder / "outbox", "0001", subject="The Transformer Architecture")
    return shop


def _ask_for_feeds(shop: Shop) -> None:
    """More of them on days with a new chapter."""
    for back in range(14):
        for number in range(40 + 7 * back % 11 + 30 * (back % 3 == 0)):
            shop.asked.note(304 if number % 4 else 200, NOW - timedelta(days=back))
    shop.asked.keep(shop.store)


@contextmanager
def served_scene(folder: Path) -> Iterator[tuple[Shop, str]]:
    """A scene under the address that its own links name."""
    shop = a_scene(folder)
    port = free_port()
    shop.url = f"http://127.0.0.1:{port}"
    with serving(shop.app(), port=port) as url:
        yield shop, url
    shop.store.close()


def _write(store: Store) -> None:
    with store.writing() as session:
        for settings in read_series_file(examples() / "series.yaml"):
            apply(session, settings, zone="Europe/Riga", language="en", actor="ada", now=BEGIN, create=True)
        for slug in EXAMPLES:
            take_in(
                session, read_folder(examples() / slug), slug=slug, defaults=NewSeries("Europe/Riga", "en"), now=BEGIN
            )
        cadence = parse_words("tuesdays and fridays at 18:30 from 3 March 2026").to_json()
        harbour = a_planned_series(
            session, "harbour", title="The Harbour", zone="America/New_York", now=BEGIN, cadence=cadence, announces=True
        )
        titles = ["The light", LONG, "Fog", "A letter from Bergen", "Low water"]
        sources = [a_source(title, slug=f"h{n}", number=str(n), tags=("Sea",)) for n, title in enumerate(titles, 1)]
        sources += [a_source("A chapter that is not ready", slug="draft", draft=True)]
        taken_in(session, harbour, sources, now=BEGIN)
        night = a_planned_series(session, "night", title="Night Trains", zone="UTC", now=BEGIN)
        taken_in(session, night, [a_source("Departure", slug="n1", wall=datetime(2026, 3, 6, 9))], now=BEGIN)


def _release(store: Store, folder: Path, until: datetime) -> None:
    """Everything at its moment."""
    works = a_clockwork(store, folder / "node.json")
    while True:
        with store.reading() as session:
            due = posts.next_due_at(session)
        if due is None or due > until:
            return
        works.release(due)


READERS = ("alice", "bob", "carol", "dan", "eve", "frank", "grace", "heidi", "ivan", "judy")


def _read(store: Store) -> None:
    with store.writing() as session:
        for name in READERS:
            a_reader(session, f"{name}@readers.example", now=BEGIN, zone="Europe/Riga", series=("llm-primer-2",))
        a_reader(session, "a.reader.with.a.rather.long.address@mail.university-of-somewhere.example", now=BEGIN)


def _mail(store: Store, folder: Path) -> None:
    with running(FaultyRelay({})) as port:
        Office(store, folder, BEGIN, BEGIN).run(NOW - timedelta(days=2, hours=7), port)


def _mail_with_trouble(store: Store, folder: Path) -> None:
    """A digest on its way: a letter of it refused for now, one for good, one in doubt."""
    words = ["250 fine", "450 4.2.1 mailbox busy, come back later", "550 5.1.1 <carol@readers.example> is nobody"]
    script = {"RCPT": [*words, *["250 fine"] * 20], "dot": ["250 fine", DROP, *["250 fine"] * 20]}
    morning = NOW - timedelta(hours=7)
    office = Office(store, folder, morning, morning)
    # Over one connection, so that it is known whose letter meets which word.
    with running(FaultyRelay(script)) as port, office.worker(port, policy=InDoubtPolicy.hold, connections=1) as passes:
        passes.clockwork.wake(morning)
        passes.send_letters(morning)


def _lists(store: Store) -> None:
    """Lists that were sent: one that was refused, and one that nobody has taken yet."""
    by = By("ada@example.org", NOW - timedelta(hours=1))
    taker = UploadTaker(
        store=store, fingerprint=TOKENS.fingerprint, defaults=ReaderDefaults("UTC", "en"), owner="scene",
        machine=lambda: NOW, calendar=lambda: NOW,
    )  # fmt: skip
    refused = b"email,hour\nada@example.org,7\nnobody\nbob@example.org,99\n"
    receive(store, io.BytesIO(refused), UploadKind.readers, name="readers.csv", skip_refused=False, by=by)
    taker.do_one()
    waits = b"email\nzoe@example.org\n"
    receive(store, io.BytesIO(waits), UploadKind.readers, name="more.csv", skip_refused=True, by=by)
    with store.writing() as session:
        suppressing.add(session, "mallory@example.org", TOKENS.fingerprint, By("ada@example.org", NOW, "asked to"))


def _steer(store: Store) -> None:
    with store.writing() as session:
        primer = all_series.by_slug(session, "llm-primer-2")
        christmas = AddBlackout(datetime(2026, 3, 11).date(), datetime(2026, 3, 12).date(), "a fair in town")
        apply_at_once(session, primer, christmas, actor="ed@example.org", now=NOW)
        harbour = all_series.by_slug(session, "harbour")
        late = MoveWithRest("h3", datetime(2026, 3, 13, 18, 30))
        apply_at_once(session, harbour, late, actor="ada@example.org", now=NOW)
        night = all_series.by_slug(session, "night")
        all_series.hold(session, night.id, reason="Departure was due while this machine slept", now=NOW)


def _correct(store: Store) -> None:
    """Ed has mended two chapters of the harbour, one of which is out."""
    for slug, body in (("h1", "Some *other* words.\n\nAnd a second paragraph."), ("h2", "Some *better* words.")):
        with store.writing() as session:
            series = all_series.by_slug(session, "harbour")
            post, words = posts.by_slug(session, series, slug)
            wording = replace(wording_of(session, words), body=body)
            written = Manuscript(slug=slug, number=post.number, wording=wording)
            save(session, series, slug, written, based_on=1, minor=False, actor="ed@example.org", now=NOW)


def _staff(shop: Shop) -> None:
    an_operator(shop)
    an_operator(shop, "ed@example.org", Role.editor, name="Ed")
    an_operator(shop, "vera@example.org", Role.viewer, name="Vera")
    an_operator(shop, "tom@example.org", Role.editor, name="Tom")
    with shop.store.writing() as session:
        staff.invite(session, "bob@example.org", Role.viewer, by="ada@example.org", now=NOW)
        tom = operators.by_email(session, "tom@example.org")
        tom.totp = Sealer(TOKENS.key("second factor")).seal("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


def _subscribe(shop: Shop) -> None:
    """Paula and Quinn have not answered yet; Rosa catches up, Sam may go, and Tess asked to be erased."""
    for name in ("paula", "quinn", "rosa", "sam", "tess"):
        form = {"email": mail_of(name), "series": ["harbour", "llm-primer-2"], "begin": "every 2 days"}
        assert sent(shop, "/subscribe", form).status_code == 200
    for name in ("rosa", "sam", "tess"):
        sent(shop, newest_link(shop, mail_of(name)))
    sent(shop, newest_link(shop, mail_of("tess"), "preferences") + "/erase")


def mail_of(name: str) -> str:
    return f"{name}@readers.example"


def readers_visits(shop: Shop) -> list[Visit]:
    """What readers by mail meet, one after the other; each act may have been done before."""
    waits, asked, erase = (newest_link(shop, mail_of(name)) for name in ("paula", "quinn", "tess"))
    choose = newest_link(shop, mail_of("rosa"), "preferences")
    leave = newest_link(shop, mail_of("sam"), "unsubscribe")
    return [
        Visit("subscribe", "/subscribe"),
        Visit("subscribe-refused", "/subscribe", act=subscribe_as("ada@nowhere")),
        Visit("subscribe-sent", "/subscribe", act=subscribe_as(mail_of("uma"))),
        Visit("confirm", waits),
        Visit("joined", asked, act=go_on("Yes, send me the letters")),
        Visit("preferences", choose),
        Visit("preferences-saved", choose, act=go_on("Save")),
        Visit("preferences-asked", choose, act=go_on("Fetch my data")),
        Visit("unsubscribe", leave),
        Visit("goodbye", leave, act=go_on("Stop all letters")),
        Visit("erase", erase),
        Visit("erased", erase, act=go_on("Erase everything")),
    ]


def subscribe_as(email: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_label("Mail address").fill(email)
        page.get_by_label("The Harbour").check()
        with page.expect_navigation():
            page.get_by_role("button", name="Send me a letter to confirm").click()

    return act


def go_on(name: str) -> Callable[[Page], None]:
    """A button that leads to the next page, unless it was pressed before for good."""

    def act(page: Page) -> None:
        button = page.get_by_role("button", name=name, exact=True)
        if button.count():
            with page.expect_navigation():
                button.click()

    return act


def links_of(shop: Shop) -> dict[str, str]:
    """A link that makes an operator, and one that gives another password."""
    with shop.store.writing() as session:
        new = staff.invite(session, "new@example.org", Role.editor, by="ada@example.org", now=NOW)
        old = staff.reset(session, operators.by_email(session, "vera@example.org"), by="ada@example.org", now=NOW)
        way_in = staff.let_in(session, operators.by_email(session, "tom@example.org"), by="demo", now=NOW)
    return {
        "enter": f"/operator/enter/{way_in}",
        "welcome": f"/operator/welcome/{new}",
        "reset": f"/operator/welcome/{old}",
    }


def visits(shop: Shop) -> list[Visit]:
    links, ids = links_of(shop), ids_of(shop)
    return [
        Visit("site", "/"),
        Visit("series", "/llm-primer-1/"),
        Visit("series-announced", "/harbour/"),
        Visit("post", "/llm-primer-1/the-transformer-architecture/"),
        Visit("tags", "/tag/"),
        Visit("tag", "/tag/sea/"),
        Visit("archive", "/archive/"),
        Visit("month", "/archive/2026-03/"),
        Visit("search", "/search?q=attention"),
        Visit("search-nothing", "/search?q=atention"),
        Visit("not-found", "/nothing-here/"),
        Visit("outbox", "/outbox/"),
        *readers_visits(shop),
        Visit("sign-in", "/operator/sign-in"),
        Visit("sign-in-refused", "/operator/sign-in", act=lambda page: fill_in(page, "ada@example.org", "wrong")),
        Visit("code", "/operator/sign-in", act=lambda page: fill_in(page, "tom@example.org", PASSWORD)),
        Visit("welcome", links["welcome"]),
        Visit("new-password", links["reset"]),
        Visit("link-over", "/operator/welcome/gone"),
        Visit("enter", links["enter"]),
        Visit("today", "/operator/", "ada"),
        Visit("schedule", "/operator/schedule/?month=2026-03", "ada"),
        Visit("schedule-panel", "/operator/schedule/?month=2026-03", "ada", act=choose),
        Visit("schedule-ripple", "/operator/schedule/?month=2026-03", "ada", act=ask_for_a_move),
        Visit("schedule-one-series", "/operator/schedule/?month=2026-03&series=llm-primer-2", "ada"),
        Visit("schedule-findings", "/operator/schedule/?month=2026-03&series=harbour", "ada", act=wait_for_findings),
        Visit("schedule-empty", "/operator/schedule/?month=2031-01", "ada"),
        Visit("plan", "/operator/plan/harbour/", "ada"),
        Visit("plan-held", "/operator/plan/night/", "ada"),
        Visit("plan-toast", "/operator/plan/harbour/?done=harbour", "ada"),
        Visit("plan-viewer", "/operator/plan/harbour/", "vera"),
        Visit("plan-mend", "/operator/plan/harbour/", "ada", act=open_all),
        Visit("findings", "/operator/findings/", "ada"),
        Visit("new-series", "/operator/series/new", "ada"),
        Visit("new-series-refused", "/operator/series/new", "ada", act=set_up_badly),
        Visit("chapter", "/operator/plan/harbour/h4/", "ada"),
        Visit("chapter-out", "/operator/plan/harbour/h1/", "ada"),
        Visit("chapter-draft", "/operator/plan/harbour/draft/", "ada"),
        Visit("posts", "/operator/posts/", "ada"),
        Visit("posts-found", "/operator/posts/?q=light&series=harbour", "ada"),
        Visit("posts-none", "/operator/posts/?q=nothing+like+it", "ada"),
        Visit("post-new", "/operator/posts/-/new?series=harbour", "ada", act=write_a_post),
        Visit("post-editor", "/operator/posts/llm-primer-1/the-transformer-architecture/", "ada"),
        Visit("post-lint", "/operator/posts/night/n1/", "ada"),
        Visit("post-viewer", "/operator/posts/harbour/h1/", "vera"),
        Visit("post-conflict", "/operator/posts/harbour/h2/", "ada", act=save_too_late),
        Visit("post-revisions", "/operator/posts/harbour/h1/revisions/", "ada"),
        Visit("post-tell", "/operator/posts/harbour/h1/tell/", "ada"),
        Visit("post-look", "/operator/posts/harbour/h4/look/", "ada"),
        Visit("post-look-phone-dark", "/operator/posts/harbour/h4/look/?width=phone&scheme=dark", "ada"),
        Visit("post-look-entry", "/operator/posts/harbour/h4/look/?view=entry", "ada"),
        Visit("post-look-letter", "/operator/posts/harbour/h4/look/?view=letter&scheme=dark", "ada"),
        Visit("post-look-atom", "/operator/posts/harbour/h4/look/?view=atom", "ada"),
        Visit("import", "/operator/posts/-/import", "ada"),
        Visit("import-refused", "/operator/posts/-/import?series=harbour", "ada", act=send_nothing),
        Visit("import-preview", "/operator/posts/-/import?series=harbour", "ada", act=send_a_folder),
        Visit("editions", "/operator/editions/", "ada"),
        Visit("edition-going", f"/operator/editions/{ids['going']}/", "ada"),
        Visit("edition-over", f"/operator/editions/{ids['over']}/", "ada"),
        Visit("edition-viewer", f"/operator/editions/{ids['going']}/", "vera"),
        Visit("letter", f"/operator/letter/?edition={ids['over']}", "ada"),
        Visit("letter-refused", "/operator/letter/", "ada"),
        Visit("ahead", "/operator/ahead/?on=2026-03-09", "ada"),
        Visit("ahead-nothing", "/operator/ahead/?on=2026-12-27", "ada"),
        Visit("ahead-over", "/operator/ahead/?on=2026-01-01", "ada"),
        Visit("readers", "/operator/readers/", "ada"),
        Visit("readers-viewer", "/operator/readers/", "vera"),
        Visit("readers-found", "/operator/readers/", "ada", act=find_readers),
        Visit("reader", f"/operator/readers/{ids['bob']}/", "ada"),
        Visit("reader-suppressed", f"/operator/readers/{ids['carol']}/", "ada"),
        Visit("lists", "/operator/imports/", "ada"),
        Visit("list-refused", "/operator/imports/1/", "ada"),
        Visit("list-waits", "/operator/imports/2/", "ada"),
        Visit("suppressions", "/operator/suppressions/", "ada"),
        Visit("figures", "/operator/figures/", "ada"),
        Visit("figures-numbers", "/operator/figures/", "ada", act=show_numbers),
        Visit("record", "/operator/audit/", "ada"),
        Visit("operators", "/operator/operators/", "ada"),
        Visit("operators-link", "/operator/operators/", "ada", act=invite),
        Visit("refused-viewer", "/operator/operators/", "vera"),
        Visit("settings", "/operator/settings/", "ada"),
        Visit("settings-series", "/operator/settings/series/harbour/", "ada", act=show_rules),
        Visit("settings-site", "/operator/settings/site/", "ada"),
        Visit("settings-relay", "/operator/settings/relays/", "ada", act=press("Test the relay main")),
        Visit("settings-signing", "/operator/settings/signing/", "ada", act=press("Look it up")),
        Visit("settings-templates", "/operator/settings/templates/", "ada"),
        Visit("settings-doctor", "/operator/settings/doctor/", "ada", act=press("Look now")),
        Visit("account", "/operator/account/", "ada"),
        Visit("second-factor", "/operator/account/second", "ada"),
    ]


def ids_of(shop: Shop) -> dict[str, int]:
    """Of editions and readers that pages are looked at of."""
    with shop.store.reading() as session:
        found = {one.state: one.id for one in session.scalars(select(Edition).order_by(Edition.id))}
        people = {one.name.lower(): one.id for one in session.scalars(select(Subscriber))}
    return {"going": found["sending"], "over": found["finished"], **people}


def find_readers(page: Page) -> None:
    page.get_by_label("Address, or how it begins").fill("a")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="alice@readers.example").wait_for()


def show_numbers(page: Page) -> None:
    for summary in page.locator(".plot summary").all():
        summary.click()


def choose(page: Page) -> None:
    """A coming chapter in the list below the calendar; its panel opens."""
    page.locator(".agenda a", has_text="A letter from Bergen").click()
    page.wait_for_selector("#panel h2")


def ask_for_a_move(page: Page) -> None:
    choose(page)
    page.get_by_label("And the rest").check()
    page.get_by_label("To", exact=True).fill("2026-03-20")
    page.get_by_role("button", name="Show what moves", exact=True).click()
    page.wait_for_selector("#panel .diff")


def write_a_post(page: Page) -> None:
    page.get_by_label("Title").fill("Salt")
    page.get_by_label("Text, in Markdown").fill("It *tastes* of $H_2O$.\n\n![The sea](sea.png)\n")
    page.wait_for_selector(".warnings")


def save_too_late(page: Page) -> None:
    """The form as it would have been sent before somebody else saved."""
    page.locator("input[name=revision]").evaluate("field => field.value = '1'")
    page.get_by_label("Text, in Markdown").fill("Some other *words*.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector(".conflict")


def send_nothing(page: Page) -> None:
    page.get_by_role("button", name="Show what would happen").click()
    page.wait_for_selector(".alarm")


def send_a_folder(page: Page) -> None:
    fog = "---\ntitle: A fog that was there before\ndate: 2020-01-01\n---\n"
    files = {"01-salt.md": "---\ntitle: Salt\nnumber: 6\n---\nIt rained.\n", "02-fog.md": fog}
    page.locator("#folder").set_input_files(a_folder(files))
    page.get_by_role("button", name="Show what would happen").click()
    page.wait_for_selector("table")


def a_folder(files: Mapping[str, str]) -> Path:
    folder = Path(mkdtemp())
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def wait_for_findings(page: Page) -> None:
    page.locator(".findings li").first.wait_for()


def open_all(page: Page) -> None:
    """Every section of the panel of a series, with the slots of its rhythm."""
    for summary in page.locator("#panel summary").all():
        summary.click()
    page.get_by_label("In words").press_sequentially(" ")
    page.locator("#slots li").first.wait_for()


def set_up_badly(page: Page) -> None:
    page.get_by_label("Title, as readers see it").fill("The Harbour")
    page.get_by_label("Last part of its address").fill("harbour")
    page.get_by_role("button", name="Set it up").click()
    page.locator(".problem").wait_for()


def press(name: str) -> Callable[[Page], None]:
    """A button whose outcome is a list of results."""

    def act(page: Page) -> None:
        page.get_by_role("button", name=name).click()
        page.locator(".results").first.wait_for()

    return act


def show_rules(page: Page) -> None:
    page.get_by_text("Rules that do not count here").click()


def invite(page: Page) -> None:
    page.get_by_label("Email address").fill("una@example.org")
    page.get_by_role("button", name="Make a link").click()
    page.wait_for_selector(".link")
