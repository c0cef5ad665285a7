"""What the DNS says of a sender: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import dns.exception
import dns.resolver

from db.said import say
from mail.dkim_keys import Key

SECONDS = 5.0
"""For one name, all tries together."""
_DMARC = "v=DMARC1; p=none"
_AGAIN = say("look again, from a network that reaches the DNS")
Lookup = Callable[[str], Sequence[str]]
"""The texts of the TXT records of a name, none where there are none. Raises DnsSilent."""


class DnsSilent(Exception):
    """No server of names gave an answer; the message says why."""


@dataclass(frozen=True)
class Record:
    """What was found under a name; `publish` is a record that mends it, `advice` says it in words."""

    kind: str
    name: str
    ok: bool
    words: str
    advice: str = ""
    publish: str = ""


def txt_records(name: str, *, resolver: dns.resolver.Resolver | None = None) -> list[str]:
    """A `Lookup` by the servers that this machine is told to ask, or by those of a resolver."""
    try:
        answers = (resolver or dns.resolver.Resolver()).resolve(name, "TXT", lifetime=SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise DnsSilent(f"{name}: {str(error) or type(error).__name__}") from None
    return [b"".join(answer.strings).decode("utf-8", "replace") for answer in answers]


def examine(*, sending: str, bouncing: str, keys: Iterable[Key], now: datetime, lookup: Lookup) -> list[Record]:
    """`sending` is the domain of From, `bouncing` that of the return path; only keys in use now are looked for."""
    wanted = [("SPF", bouncing, _spf), ("DMARC", f"_dmarc.{sending}", _dmarc(sending, lookup))]
    wanted[1:1] = [("DKIM", key.record_name, _dkim(key)) for key in keys if key.in_use(now)]
    return [_asked(kind, name, judge, lookup) for kind, name, judge in wanted]


Judge = Callable[[str, Sequence[str]], Record]


def _asked(kind: str, name: str, judge: Judge, lookup: Lookup) -> Record:
    try:
        return judge(name, lookup(name))
    except DnsSilent as error:
        return Record(kind, name, False, say("no answer: %(error)s", error=f"{error}"), advice=_AGAIN)


def _spf(name: str, texts: Sequence[str]) -> Record:
    found = [text for text in texts if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if not found:
        return Record(
            "SPF",
            name,
            False,
            say("there is none"),
            say("v=spf1 include:… ~all, with what your relay tells you to include"),
        )
    if len(found) > 1:
        return Record("SPF", name, False, _too_many(len(found), " (RFC 7208, 4.5)"), say("keep one"))
    if re.search(r"(^| )\+?all$", found[0].strip(), re.IGNORECASE):
        return Record(
            "SPF",
            name,
            False,
            say("%(record)s: lets everybody send in your name", record=found[0]),
            say("end it with ~all or -all"),
        )
    return Record("SPF", name, True, found[0])


def _too_many(count: int, rule: str = "") -> str:
    return say("%(records)s records, which counts as none%(rule)s", records=count, rule=rule)


def _dkim(key: Key) -> Judge:
    def judge(name: str, texts: Sequence[str]) -> Record:
        if not texts:
            return Record("DKIM", name, False, say("there is none"), publish=key.record)
        tags = [_tags(text) for text in texts]
        if any(one.get("p") == _tags(key.record)["p"] and one.get("k", "rsa") == key.kind for one in tags):
            return Record("DKIM", name, True, say("the public half of your %(kind)s key", kind=key.kind))
        revoked = all(one.get("p") == "" for one in tags)
        why = (
            say("the key there is revoked") if revoked else say("another key than the one that letters are signed with")
        )
        return Record("DKIM", name, False, why, publish=key.record)

    return judge


def _dmarc(sending: str, lookup: Lookup) -> Judge:
    def judge(name: str, texts: Sequence[str]) -> Record:
        for at, said in ((name, texts), *_above(sending, lookup)):
            found = [tags for text in said if (tags := _tags(text)).get("v", "").upper() == "DMARC1"]
            if len(found) > 1:
                return Record("DMARC", at, False, _too_many(len(found)), say("keep one"))
            if found and found[0].get("p", "").lower() not in ("none", "quarantine", "reject"):
                return Record("DMARC", at, False, say("its policy cannot be read"), publish=_DMARC)
            if found:
                return Record("DMARC", at, True, f"p={found[0]['p'].lower()}")
        return Record("DMARC", name, False, say("there is none; large receivers ask for one"), publish=_DMARC)

    return judge


def _above(domain: str, lookup: Lookup) -> Iterator[tuple[str, Sequence[str]]]:
    """The domains that a domain lies in, down to two labels: one of them is the organisation's (RFC 7489, 6.6.3)."""
    labels = domain.split(".")
    for start in range(1, len(labels) - 1):
        name = f"_dmarc.{'.'.join(labels[start:])}"
        yield name, lookup(name)


def _tags(text: str) -> dict[str, str]:
    """`v=DKIM1; k=rsa; p=…` as pairs; blanks within a value do not count (RFC 6376, 3.2)."""
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}
