import pytest

from db.tables import Post, Revision
from tests.web.making import NOW, Shop, a_post, a_series

CLOUD = b"cloud"
ADDRESS = f"/media/{CLOUD.hex()}/cloud.png"


def test_a_file_of_a_released_post_may_be_kept_for_ever(shop: Shop):
    a_post(shop, a_series(shop), images={"cloud.png": CLOUD})

    answer = shop.get(ADDRESS)

    assert answer.content == CLOUD
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_who_has_the_file_gets_304(shop: Shop):
    a_post(shop, a_series(shop), images={"cloud.png": CLOUD})
    etag = shop.get(ADDRESS).headers["etag"]

    answer = shop.get(ADDRESS, if_none_match=etag)

    assert answer.status_code == 304
    assert answer.content == b""


@pytest.mark.parametrize("name", ["other.png", "", "loud.png", "%25.png", "c_oud.png"])
def test_a_file_has_no_names_but_its_own(shop: Shop, name: str):
    a_post(shop, a_series(shop), images={"cloud.png": CLOUD})

    assert shop.get(f"/media/{CLOUD.hex()}/{name}").status_code == 404


@pytest.mark.parametrize("name", ["img%2Fcloud.png", "img/cloud.png", "cloud.png"])
def test_a_file_in_a_folder_is_found_by_its_path_or_its_last_part(shop: Shop, name: str):
    a_post(shop, a_series(shop), images={"img/cloud.png": CLOUD})

    assert shop.get(f"/media/{CLOUD.hex()}/{name}").content == CLOUD


def test_a_file_that_only_an_older_revision_used_is_not_there(shop: Shop):
    post_id = a_post(shop, a_series(shop), images={"cloud.png": CLOUD})
    with shop.store.writing() as session:
        words = {"title": "Rain", "summary": "", "tags": [], "body": "It rained.", "digest": "second"}
        second = Revision(post_id=post_id, number=2, created_at=NOW, **words)
        session.add(second)
        session.flush()
        session.get_one(Post, post_id).revision_id = second.id

    assert shop.get(ADDRESS).status_code == 404


def test_an_svg_opened_by_itself_is_sandboxed(shop: Shop):
    a_post(shop, a_series(shop), images={"cloud.svg": b"<svg/>"})

    answer = shop.get(f"/media/{b'<svg/>'.hex()}/cloud.svg")

    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"].startswith("sandbox;")
