"""One conversation with a hub, which may do what it wants: it ends in time, and says what became of it."""

import os
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from shutil import which
from threading import Event

import pytest

from db.errors import BadValue
from feeds.outward import Outward, is_public, place_of
from feeds.websub import MOST_READ, Answer, Hub, HubDown, Verdict, wait_asked
from tests.feeds.hub import a_hub, answers, dribbles, hangs, pours, says

FEED = "https://example.org/primer/feed.atom?a=1&b=2"
NOW = datetime(2026, 3, 5, 7, tzinfo=UTC)
SHORT = 0.5
"""Seconds of patience with a hub that has none to spare."""


def told(*deeds, patience: float = 60) -> Answer:
    """The answer of a hub on this machine that does these deeds."""
    with a_hub(*deeds) as hub:
        return Hub(hub.url, patience, Outward(private=True)).tell(FEED)


def test_a_hub_is_told_of_a_topic_in_the_fields_that_hubs_of_each_kind_want():
    with a_hub() as hub:
        answer = Hub(hub.url, 60, Outward(private=True)).tell(FEED)

    assert answer == Answer(Verdict.told)
    assert hub.forms == [
        {
            "hub.mode": ["publish"],
            "hub.url": [FEED],
            "hub.topic": [FEED],
            "path": ["/hub?key=1"],
            "host": [f"127.0.0.1:{hub.port}"],
        }
    ]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_means_that_the_hub_was_told(status):
    assert told(answers(status)).verdict is Verdict.told


def test_a_success_counts_even_when_the_hub_hangs_up_in_its_body():
    assert told(says(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nwell")).verdict is Verdict.told


def test_what_comes_before_the_answer_is_not_the_answer():
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"

    assert told(says(early + b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")).verdict is Verdict.later


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_hub_in_trouble_is_told_later(status):
    assert told(answers(status)).verdict is Verdict.later


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 422])
def test_a_hub_that_does_not_want_it_has_refused(status):
    assert told(answers(status)).verdict is Verdict.refused


def test_the_words_of_a_refusal_are_told_without_what_would_upset_a_terminal():
    answer = told(answers(400, "no\x1b[31m\r\nsuch  tópic".encode()))

    assert answer.problem.endswith("answers 400 no [31m such tópic")


def test_what_the_hub_asks_to_wait_is_kept():
    assert told(answers(429, Retry_After="120")).retry_after == "120"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(status):
    with a_hub() as other:
        answer = told(answers(status, Location=other.url))

    assert answer.verdict is Verdict.refused
    assert f"redirects to {other.url}" in answer.problem
    assert other.forms == []


@pytest.mark.parametrize("deed", [hangs, dribbles])
def test_a_hub_that_does_not_come_to_an_end_is_left_in_time(deed):
    answer = told(deed, patience=SHORT)

    assert answer.verdict is Verdict.later
    assert "no answer within 0.5 seconds" in answer.problem


def test_only_the_beginning_of_a_huge_answer_is_read():
    answer = told(pours, patience=120)

    assert (answer.verdict, len(answer.problem) < 400) == (Verdict.later, True)
    assert "no answer within" not in answer.problem


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 20", id="half a line"),
        pytest.param(b"220 mail.example ESMTP\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 202 Accepted\r\nX: " + b"x" * 3 * MOST_READ, id="a huge head"),
    ],
)
def test_what_is_no_answer_in_http_is_trouble(raw):
    assert told(says(raw)).verdict is Verdict.later


def test_a_hub_that_nobody_runs_is_trouble():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = Hub(f"http://127.0.0.1:{taken.getsockname()[1]}/", 60, Outward(private=True)).tell(FEED)

    assert answer.verdict is Verdict.later
    assert "no connection" in answer.problem


def test_a_name_that_is_not_known_is_trouble():
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    answer = Hub("https://hub.example/", 60, Outward(resolve=resolve)).tell(FEED)

    assert answer.verdict is Verdict.later
    assert "Name or service not known" in answer.problem


def test_a_resolver_that_does_not_answer_is_left_in_time():
    over = Event()

    def resolve(host: str, port: int) -> list[str]:
        over.wait(120)
        return ["127.0.0.1"]

    answer = Hub("https://hub.example/", SHORT, Outward(resolve=resolve)).tell(FEED)
    over.set()

    assert answer.verdict is Verdict.later
    assert "no answer within 0.5 seconds" in answer.problem


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "192.0.2.1", "192.168.1.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:7f00:1::1",
        "2002:c0a8:101::", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%2", "fec0::1", "ff02::1", "ff0e::1",
    ],
)  # fmt: skip
def test_an_address_of_this_machine_its_network_or_a_group_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1"])
def test_a_hub_on_this_machine_is_refused_however_it_is_written(host):
    with a_hub() as hub:
        answer = Hub(f"http://{host}:{hub.port}/", 10).tell(FEED)

    assert answer.verdict is Verdict.refused
    assert "no public address; `hub_private: true` allows" in answer.problem
    assert hub.forms == []


def test_a_name_is_resolved_once_so_that_it_cannot_change_its_mind():
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with a_hub() as hub:
        answer = Hub(f"http://hub.example:{hub.port}/", 60, Outward(private=True, resolve=resolve)).tell(FEED)

    assert (answer.verdict, asked) == (Verdict.told, ["hub.example"])
    assert hub.forms[0]["host"] == [f"hub.example:{hub.port}"]


def test_a_private_address_among_public_ones_is_never_connected_to(monkeypatch):
    connected = []

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    outward = Outward(resolve=lambda host, port: ["10.0.0.1", "8.8.8.8", "::1", "8.8.4.4"])

    Hub("http://hub.example/", 60, outward).tell(FEED)

    assert connected == [("8.8.8.8", 80), ("8.8.4.4", 80)]


def test_the_next_address_is_tried_when_one_does_not_answer():
    with a_hub() as hub:
        outward = Outward(private=True, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])

        assert Hub(f"http://hub.example:{hub.port}/", 60, outward).tell(FEED).verdict is Verdict.told


def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    with a_hub() as proxy, a_hub() as hub:
        monkeypatch.setenv("http_proxy", proxy.url)
        Hub(hub.url, 60, Outward(private=True)).tell(FEED)

    assert (proxy.forms, hub.topics) == ([], [FEED])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate for hub.example, and nothing else."""
    if which("openssl") is None and not os.environ.get("CI"):
        pytest.skip("no openssl: sudo apt-get install openssl")
    folder = tmp_path_factory.mktemp("tls")
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=hub -addext subjectAltName=DNS:hub.example"
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run([*made.split(), *files], check=True, capture_output=True)
    return folder


def told_over_tls(certificate, *, host: str, trusted: bool) -> Answer:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    trust = ssl.create_default_context(cafile=str(certificate / "cert.pem")) if trusted else None
    with a_hub(tls=server) as hub:
        outward = Outward(private=True, resolve=lambda _host, _port: ["127.0.0.1"], trust=trust)
        return Hub(f"https://{host}:{hub.port}/", 60, outward).tell(FEED)


def test_a_hub_is_told_over_tls_verified_for_its_name(certificate):
    assert told_over_tls(certificate, host="hub.example", trusted=True).verdict is Verdict.told


@pytest.mark.parametrize(("host", "trusted"), [("other.example", True), ("hub.example", False)])
def test_a_hub_whose_certificate_is_not_good_is_told_nothing(certificate, host, trusted):
    answer = told_over_tls(certificate, host=host, trusted=trusted)

    assert answer.verdict is Verdict.refused
    assert "certificate is not good" in answer.problem


def test_a_hub_can_be_reached_without_being_told_anything():
    with a_hub() as hub:
        Hub(hub.url, 60, Outward(private=True)).reach()

    assert hub.forms == []


def test_a_hub_that_cannot_be_reached_is_named_with_the_reason():
    with pytest.raises(HubDown, match=r"feeds\.hub http://localhost:1/: localhost is .* no public address"):
        Hub("http://localhost:1/", 10).reach()


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta()),
        ("Thu, 05 Mar 2026 07:10:00 GMT", timedelta(minutes=10)),
        ("Thu, 05 Mar 2026 06:00:00 GMT", timedelta()),
        ("Thu, 05 Mar 2026 07:10:00 -0000", timedelta(minutes=10)),
        ("9" * 5000, timedelta(days=1)),
        ("Thu, 05 Mar 2099 07:10:00 GMT", timedelta(days=1)),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_hub_asks_to_wait_is_read_as_seconds_or_as_a_date_and_believed_up_to_a_day(text, wait):
    assert wait_asked(text, now=NOW) == wait


@pytest.mark.parametrize(
    ("url", "secure", "port", "authority", "target"),
    [
        ("https://hub.example", True, 443, "hub.example", "/"),
        ("http://hub.example:8080/push?key=a", False, 8080, "hub.example:8080", "/push?key=a"),
        ("https://[2606:4700::1]:444/", True, 444, "[2606:4700::1]:444", "/"),
    ],
)
def test_a_url_says_where_to_connect(url, secure, port, authority, target):
    place = place_of(url)

    assert (place.secure, place.port, place.authority, place.target) == (secure, port, authority, target)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hub.example/", "hub.example", "https://", "https://a:b@hub.example/", "https://hub.example/#top",
        "https://hub.example:99999/", "https://hub.example:x/", "https://[::1/", "https://hüb.example/",
        "https://hub.example/a b", "https://hub.example/\r\nX: y",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_hub_is_refused(url):
    with pytest.raises(BadValue):
        place_of(url)
