"""Which codings and which languages of an answer a request accepts (RFC 9110, 12.5.3 and 12.5.4)."""

from enum import StrEnum

from starlette.datastructures import Headers


class Coding(StrEnum):
    plain = "identity"
    gzip = "gzip"


def accepted(headers: Headers) -> tuple[Coding, ...]:
    """The codings that a request accepts, the best first; gzip goes before plain where it is liked as much.

    Who says nothing gets plain, in case a program reads the bytes as they come.
    """
    lines = headers.getlist("accept-encoding")
    if not lines:
        return (Coding.plain,)
    named = _weights(lines)
    weights = {
        Coding.gzip: named.get("gzip", named.get("x-gzip", named.get("*", 0.0))),
        # Plain is welcome without being named, but after all that is; only a zero forbids it.
        Coding.plain: named.get("identity", named.get("*", _LEAST)),
    }
    liked = [coding for coding, weight in weights.items() if weight > 0]
    return tuple(sorted(liked, key=lambda coding: -weights[coding]))


def languages_liked(headers: Headers) -> tuple[str, ...]:
    """The tags of the languages that a request asks for, in lower case, the most wanted first."""
    weights = _weights(headers.getlist("accept-language"))
    return tuple(sorted((tag for tag, weight in weights.items() if weight > 0), key=lambda tag: -weights[tag]))


_LEAST = 0.0001
"""Below any q-value that can be written: these have three digits."""


def _weights(lines: list[str]) -> dict[str, float]:
    return dict(_weight(one) for one in ",".join(lines).lower().split(",") if one.strip())


def _weight(item: str) -> tuple[str, float]:
    """The name of a coding and its q-value; one that cannot be read is no invitation."""
    name, _, parameter = item.partition(";")
    key, _, value = parameter.partition("=")
    try:
        return name.strip(), float(value) if key.strip() == "q" else 1.0
    except ValueError:
        return name.strip(), 0.0
