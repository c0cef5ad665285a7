"""What the doctor says of the sender's names in the DNS."""

from pathlib import Path

import yaml

from fascicle.config import Config, read_config
from fascicle.doctor import examine_names

GOOD = {"example.org": ["v=spf1 ~all"], "back.example.org": ["v=spf1 -all"], "_dmarc.example.org": ["v=DMARC1; p=none"]}


def a_config(folder: Path, **settings: object) -> Config:
    said = {
        "site": {"title": "My serials", "url": "https://example.org", "author": {"name": "A. Writer"}},
        "mail": {"from": "My serials <post@Example.org>"},
        "relays": {"main": {"host": "127.0.0.1", "port": 1, "tls": "none"}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(said | settings))
    return read_config(folder / "config.yaml")


def found(config: Config, texts: dict[str, list[str]]) -> list[tuple[bool, str]]:
    return [(one.ok, one.words) for one in examine_names(config, lookup=lambda name: texts.get(name, []))]


def test_each_record_is_a_finding(tmp_path: Path):
    assert found(a_config(tmp_path), GOOD) == [
        (True, "SPF example.org: v=spf1 ~all"),
        (True, "DMARC _dmarc.example.org: p=none"),
    ]


def test_what_is_missing_comes_with_what_to_publish(tmp_path: Path):
    spf, dmarc = found(a_config(tmp_path), {})

    assert spf[0] is False
    assert dmarc == (
        False,
        "DMARC _dmarc.example.org: there is none; large receivers ask for one; publish or change: v=DMARC1; p=none",
    )


def test_spf_is_looked_up_where_bounces_come_back_to(tmp_path: Path):
    config = a_config(tmp_path, bounces={"address": "bounce@back.example.org", "lmtp": "127.0.0.1:2424"})

    assert found(config, GOOD)[0] == (True, "SPF back.example.org: v=spf1 -all")


def test_a_key_that_cannot_be_read_is_one_finding(tmp_path: Path):
    dkim = [{"selector": "s2026", "key_file": "nowhere.pem"}]
    config = a_config(tmp_path, mail={"from": "post@example.org", "dkim": dkim})

    [(ok, words)] = found(config, GOOD)

    assert not ok
    assert "nowhere.pem: no such file" in words
