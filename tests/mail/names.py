"""A server of names on this machine: real questions and answers over UDP."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingUDPServer

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


@contextmanager
def serving_names(texts: Mapping[str, Sequence[str]], *, broken: bool = False) -> Iterator[dns.resolver.Resolver]:
    """A resolver that asks it; `texts` are TXT records by name. A `broken` one can tell nothing (SERVFAIL)."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            answer = _answer(dns.message.from_wire(data), texts, broken=broken)
            socket.sendto(answer.to_wire(), self.client_address)

    with ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        try:
            yield resolver
        finally:
            server.shutdown()
            thread.join()


def _answer(question: dns.message.Message, texts: Mapping[str, Sequence[str]], *, broken: bool) -> dns.message.Message:
    answer = dns.message.make_response(question)
    answer.flags |= dns.flags.RA
    name = question.question[0].name
    found = texts.get(name.to_text(omit_final_dot=True))
    if broken:
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif found is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif found:
        answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", [_quoted(one) for one in found]))
    return answer


def _quoted(text: str) -> str:
    """In strings of at most 255 characters, as a zone file has them."""
    return " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))
