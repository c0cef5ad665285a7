"""Mail end to end beside the ceiling of this machine: `make bench-mail`.

Each case sends an edition from its batches on: what is owed, building, ledger, SMTP to an smtp-sink. In the same minute
smtp-source sends as many messages of the same size over as many connections; `ratio` is our rate to that. `--quick`
has the cases that matter and ends within five minutes; `--json` prints a list instead of a table; `--only TEXT` takes
the case of this name, or those with this in it; `--letters N`; `--profile FILE` writes where the time goes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from databases import new_store, postgresql
from deliver import a_letter
from house import BODIES
from letters import DUE, counted, read_by
from wire import Measured, naive_aiosmtplib, naive_smtplib, sink, source

from fascicle.logs import set_up_logs
from scheduler.passes import Clockwork
from scheduler.release import Rules

_WORKER = Path(__file__).with_name("mailing_worker.py")
LETTERS, LETTERS_QUICKLY = 40_000, 16_000
"""Of a case. Fewer would measure the start of a worker: a quarter of a second, in which nothing goes out."""
_BODIES = {"4k": BODIES["4 kB"], "20k": BODIES["20 kB"]}


@dataclass(frozen=True, kw_only=True)
class Case:
    """Where the ledger is, how big a letter is, and how it is sent."""

    store: str = "sqlite-normal"
    size: str = "20k"
    connections: int = 10
    dkim: str = "none"
    processes: int = 1

    @property
    def name(self) -> str:
        signed = "" if self.dkim == "none" else f"-{self.dkim}"
        return f"{self.store}-{self.size}-c{self.connections}{signed}{f'-p{self.processes}' * (self.processes > 1)}"


QUICK = [
    Case(),
    Case(store="sqlite-full"),
    Case(store="postgresql"),
    Case(dkim="ed25519"),
    Case(dkim="rsa"),
    Case(dkim="rsa", processes=2),
    Case(store="postgresql", dkim="rsa", processes=2),
    Case(size="4k"),
    Case(connections=1),
    Case(connections=50),
]


def all_cases() -> list[Case]:
    stores = ("sqlite-normal", "sqlite-full", "postgresql")
    plain = [Case(store=s, size=z, connections=c) for s in stores for z in _BODIES for c in (1, 10, 50)]
    signed = [Case(store=s, dkim=d, processes=p) for s in stores for d in ("ed25519", "rsa") for p in (1, 2)]
    return plain + signed + [Case(store=s, processes=2) for s in stores]


@contextmanager
def places() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        yield {"sqlite-normal": f"sqlite:///{folder}", "sqlite-full": f"sqlite:///{folder}", "postgresql": server}


def sent(case: Case, place: str, *, letters: int, port: int, profile: str | None) -> tuple[Measured, int]:
    """One case, and the size of its letters in bytes."""
    with new_store(place) as store, tempfile.TemporaryDirectory() as folder:
        read_by(store, letters, _BODIES[case.size])
        with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
            set_up_logs("info")
            Clockwork(store, Path(folder) / "node.json", Rules()).wake(DUE)
        url = store.engine.url.render_as_string(hide_password=False)
        measured = by_workers(case, url, letters=letters, port=port, profile=profile)
        assert counted(store) == {"sent": letters}, counted(store)
        return measured, len(a_letter(store))


def by_workers(
    case: Case, url: str, *, letters: int, port: int, profile: str | None, limits: Mapping[str, str] | None = None
) -> Measured:
    """What so many workers make of an edition that is due; `limits` of the relay and of the readers' domain."""
    task: dict[str, Any] = {"limits": limits or {}}
    task |= {"url": url, "port": port, "connections": case.connections, "dkim": case.dkim, "profile": profile}
    task["full"] = case.store == "sqlite-full"
    command = [sys.executable, str(_WORKER), json.dumps(task)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(case.processes)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    ends = [_end(worker) for worker in _begun(workers)]
    took = max(end["end"] for end in ends) - min(end["begin"] for end in ends)
    cpu = sum(end["cpu"] for end in ends)
    return Measured(letters / took, cpu / letters * 1e6, max(end["peak_mb"] for end in ends))


def _begun(workers: list["subprocess.Popen[str]"]) -> list["subprocess.Popen[str]"]:
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    return workers


def _end(worker: "subprocess.Popen[str]") -> Mapping[str, Any]:
    answer, _ = worker.communicate()
    return json.loads(answer)


def measured(cases: list[Case], *, letters: int, profile: str | None) -> Iterator[dict[str, Any]]:
    with places() as stores, sink() as port:
        for case in cases:
            ours, size = sent(case, stores[case.store], letters=letters, port=port, profile=profile)
            ceiling = source(port, size=size, connections=case.connections, letters=letters)
            yield row(case.name, ours, ceiling)


def naive(*, letters: int) -> Iterator[dict[str, Any]]:
    """The loops that one writes first, over ten connections."""
    with sink() as port:
        for size, length in (("4k", 4_200), ("20k", 20_500)):
            message, few = b"x" * 70 * (length // 70), max(200, letters // 10)
            for name, loop in (("aiosmtplib", naive_aiosmtplib), ("smtplib", naive_smtplib)):
                theirs = loop(port, message=message, connections=10, letters=few)
                ceiling = source(port, size=length, connections=10, letters=letters)
                yield row(f"naive-{name}-{size}-c10", theirs, ceiling)


def row(name: str, ours: Measured, ceiling: Measured) -> dict[str, Any]:
    return {
        "case": name,
        "ratio": round(ours.rate / ceiling.rate, 2),
        "cpu_us": round(ours.cpu_us),
        "rate": round(ours.rate),
        "peak_mb": round(ours.peak_mb),
    }


def chosen(cases: list[Case], name: str) -> list[Case]:
    """The one with this name, else all with this in their name."""
    return [case for case in cases if case.name == name] or [case for case in cases if name in case.name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--letters", type=int, default=0)
    parser.add_argument("--profile")
    asked = parser.parse_args()
    letters = asked.letters or (LETTERS_QUICKLY if asked.quick else LETTERS)
    cases = chosen(QUICK if asked.quick else all_cases(), asked.only)
    rows = []
    for one in measured(cases, letters=letters, profile=asked.profile):
        rows.append(one)
        if not asked.json:
            print("{case:32} ratio {ratio:5.2f}  {cpu_us:5} µs  {rate:6}/s  {peak_mb:4} MB".format(**one), flush=True)
    for one in naive(letters=letters) if not asked.only or asked.only in "naive" else ():
        rows.append(one)
        if not asked.json:
            print("{case:32} ratio {ratio:5.2f}  {cpu_us:5} µs  {rate:6}/s  {peak_mb:4} MB".format(**one), flush=True)
    if asked.json:
        print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
