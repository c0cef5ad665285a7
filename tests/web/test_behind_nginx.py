"""The sample files for nginx and Caddy: the same documents, served from the folder by these servers themselves."""

import os
from collections.abc import Iterator

import pytest

from tests.web.behind import caddy, nginx, program
from tests.web.conformance import FEED, PATH, Conformance, documents
from tests.web.making import Shop, a_post, a_series, a_shop
from tests.web.readers import readers_during_updates
from tests.web.serving import Served, serving

needs_nginx = pytest.mark.skipif(
    not program("nginx") and not os.environ.get("CI"), reason="no nginx: sudo apt-get install nginx-light"
)
# Only who has it by chance runs these: the file is a courtesy, and few systems have a package.
needs_caddy = pytest.mark.skipif(not program("caddy"), reason="no caddy: sudo apt-get install caddy")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, str]]:
    """A site with one chapter, and its URL without a server in front."""
    shop = a_shop(tmp_path_factory.mktemp("shop"))
    a_post(shop, a_series(shop), "rain")
    (shop.folder / "public").mkdir()
    with serving(shop.app()) as url:
        yield shop, url
    shop.store.close()


@pytest.fixture(scope="module")
def behind_nginx(house: tuple[Shop, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    shop, url = house
    with nginx(tmp_path_factory.mktemp("nginx"), public=shop.folder / "public", program_url=url) as front:
        yield Served(front, shop.folder / "public")


@pytest.fixture(scope="module")
def behind_caddy(house: tuple[Shop, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    shop, url = house
    with caddy(tmp_path_factory.mktemp("caddy"), public=shop.folder / "public", program_url=url) as front:
        yield Served(front, shop.folder / "public")


@needs_nginx
class TestNginx(Conformance):
    @pytest.fixture
    def site(self, behind_nginx: Served) -> Iterator[Served]:
        yield behind_nginx
        behind_nginx.empty()

    def test_the_program_is_not_asked_for_a_document(self, site: Served):
        site.storage.write("primer/feed.atom", FEED)

        assert site.get(PATH).headers["server"].startswith("nginx")
        assert len(site.get(PATH).headers["etag"]) < 64

    def test_all_else_comes_from_the_program(self, site: Served):
        assert b"The Primer" in site.get("/primer/").raw
        assert site.get("/primer/rain/").status == 200
        assert site.get("/no-such/feed.atom").status == 404


@needs_caddy
class TestCaddy(Conformance):
    @pytest.fixture
    def site(self, behind_caddy: Served) -> Iterator[Served]:
        yield behind_caddy
        behind_caddy.empty()

    @pytest.mark.parametrize("accepted", ["identity", "gzip"])
    def test_head_is_get_without_the_body(self, site: Served, accepted: str):
        """But for the length, which Caddy leaves out of HEAD where it has a twin."""
        site.storage.write("primer/feed.atom", FEED)

        get = site.get(PATH, accept_encoding=accepted)
        head = site.ask("HEAD", PATH, accept_encoding=accepted)

        assert (head.status, head.raw) == (200, b"")
        assert head.headers["etag"] == get.headers["etag"]

    @pytest.mark.slow
    def test_a_hundred_readers_during_a_hundred_updates_see_only_whole_documents(self, site: Served):
        """But Caddy 2.6 makes the tag before it opens the file: a new document may come with the tag of the one before.

        Who got that asks again with an old tag, and gets the document once more.
        """
        bodies = documents(100)

        seen = readers_during_updates(site, PATH, bodies)

        assert {answer.plain for answer in seen} <= set(bodies)

    def test_a_part_is_asked_for_and_the_whole_is_given(self, site: Served):
        """But Caddy gives parts, and gives them right."""
        site.storage.write("primer/feed.atom", FEED)

        answer = site.get(PATH, range="bytes=0-9")

        assert (answer.status, answer.raw) == (206, FEED[:10])
        assert answer.headers["content-range"] == f"bytes 0-9/{len(FEED)}"

    def test_all_else_comes_from_the_program(self, site: Served):
        assert b"The Primer" in site.get("/primer/").raw
        assert site.get("/no-such/feed.atom").status == 404
