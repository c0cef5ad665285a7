"""How many requests a second our web role answers, beside nginx on the same file: run by hand, needs nginx and wrk.

Prints ratios, since these machines are noisy. One process of each; the client shares the machine.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.web.behind import free_port, nginx, running
from tests.web.serving import Served

BODY = b"<feed>" + b"<entry>It rained, and then it snowed.</entry>" * 3000 + b"</feed>"
PATH = "/primer/feed.atom"
SECONDS = 4
ROUNDS = 3
CONNECTIONS = 16


@contextmanager
def ourselves(folder: Path) -> Iterator[str]:
    """`serve` with its web role alone."""
    port = free_port()
    subprocess.run([sys.executable, "-m", "fascicle", "init"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    config = (folder / "config.yaml").read_text().replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    (folder / "config.yaml").write_text(config)
    command = [sys.executable, "-m", "fascicle", "--config", str(folder / "config.yaml"), "serve", "--roles", "web"]
    with running(command, port):
        yield f"http://127.0.0.1:{port}"


def requests_a_second(url: str, headers: dict[str, str]) -> float:
    named = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *named, url + PATH]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


def best(url: str, headers: dict[str, str]) -> float:
    return max(requests_a_second(url, headers) for _ in range(ROUNDS))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ourselves(folder) as ours, nginx(folder, public=folder / "public", program_url=ours) as theirs:
            Served(ours, folder / "public").storage.write(PATH.lstrip("/"), BODY)
            compare(Served(ours, folder), Served(theirs, folder))


def compare(ours: Served, theirs: Served) -> None:
    for what, accepted in (("plain", "identity"), ("gzip", "gzip")):
        told = {
            site.url: {
                "Accept-Encoding": accepted,
                "If-None-Match": site.get(PATH, accept_encoding=accepted).headers["etag"],
            }
            for site in (ours, theirs)
        }
        for status in (200, 304):
            asked = [
                best(site.url, told[site.url] if status == 304 else {"Accept-Encoding": accepted})
                for site in (ours, theirs)
            ]
            print(f"{status} {what:5}: serve {asked[0]:7.0f}/s, nginx {asked[1]:7.0f}/s, 1 : {asked[1] / asked[0]:.1f}")


if __name__ == "__main__":
    main()
