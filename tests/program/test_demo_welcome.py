"""The demo as a newcomer meets it: its first lines name a link, and the link leads to the schedule."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def said(tmp_path: Path) -> Iterator[list[str]]:
    """The lines of a running demo up to the one that says how to end it; its pages answer by then, or soon after."""
    words = ["demo", "--dir", str(tmp_path), "--listen", f"127.0.0.1:{free_port()}", "--seconds-per-day", "1000"]
    surroundings = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "fascicle", *words], stdout=subprocess.PIPE, text=True, env=surroundings
    ) as child:
        assert child.stdout is not None
        yield list(takewhile(lambda line: line != "Ctrl-C ends it.\n", child.stdout))
        child.kill()


def test_a_newcomer_follows_the_link_and_sees_the_schedule(said: list[str]):
    [link] = re.findall(r"Schedule: +(\S+)", "".join(said))
    transport = httpx.HTTPTransport(retries=8)  # the first request may come before the server listens

    with httpx.Client(transport=transport, follow_redirects=True, timeout=60) as browser:
        asked = browser.get(link)
        schedule = browser.post(link, headers={"sec-fetch-site": "same-origin"})

    assert "To the schedule" in asked.text
    assert schedule.url.path == "/operator/schedule/"
    assert "February 2026" in schedule.text
    assert "The Transformer Architecture" in schedule.text
