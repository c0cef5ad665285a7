import pytest

from db.errors import BadValue
from mail.pace import Limits, Pace, domain_of


@pytest.mark.parametrize(
    ("words", "letters", "seconds"),
    [
        ("500/s", 500, 1),
        ("500/second", 500, 1),
        ("20 / minute", 20, 60),
        ("20/min", 20, 60),
        ("2000 per hour", 2_000, 3_600),
        ("100/15 minutes", 100, 900),
        ("100 per 15 m", 100, 900),
        ("10000/Day", 10_000, 86_400),
    ],
)
def test_a_pace_is_read_as_people_write_it(words: str, letters: int, seconds: int):
    assert Pace.of(words) == Pace(letters, seconds)


@pytest.mark.parametrize("words", ["500", "", "fast", "500/x", "-5/s", "1.5/s", "500s", "5/s/s", "٥/s", "5/secondss"])
def test_what_is_no_pace_is_refused_with_an_example(words: str):
    with pytest.raises(BadValue, match="write 500/s"):
        Pace.of(words)


@pytest.mark.parametrize("words", ["0/s", "0/hour"])
def test_a_pace_of_nothing_is_refused_with_what_is_meant_for_that(words: str):
    with pytest.raises(BadValue, match="pause their edition"):
        Pace.of(words)


def test_a_domain_that_is_not_named_has_the_pace_of_the_others():
    limits = Limits(domains={"example.org": Pace(1, 1), "*": Pace(2, 1)})

    assert limits.of_domain("example.org") == Pace(1, 1)
    assert limits.of_domain("example.net") == Pace(2, 1)
    assert Limits(domains={"example.org": Pace(1, 1)}).of_domain("example.net") is None


@pytest.mark.parametrize(
    ("address", "domain"),
    [("alice@Example.ORG", "example.org"), ("a@bücher.example", "xn--bcher-kva.example"), ("odd", "odd")],
)
def test_a_domain_has_one_pace_however_it_is_written(address: str, domain: str):
    assert domain_of(address) == domain
