import pytest

from text.links import Links


@pytest.fixture
def links():
    return Links(
        "https://example.org/blog/primer/one/",
        {"images/loss.svg": "https://example.org/blog/media/d1/loss.svg", "my figure.png": "https://example.org/f.png"},
    )
