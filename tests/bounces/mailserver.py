"""A real Postfix of our own, set up for bounces as the documentation says; it keeps to this machine."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port
from tests.web.behind import program

HERE = program("postfix") if os.geteuid() == 0 else None
"""Postfix has to be started by root."""
DOCUMENTED = Path(__file__).parents[2] / "docs" / "how-to.md"
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.example
mydestination = mx.example
local_recipient_maps =
alias_maps =
alias_database =
default_transport = error:nothing leaves this machine
queue_run_delay = 1s
minimal_backoff_time = 1s
{documented}
"""
_MASTER = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
lmtp unix - - n - - lmtp
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
"""


@contextmanager
def postfix(*, lmtp: int) -> Iterator[int]:
    """The port at which it takes mail; what comes back goes to the LMTP port."""
    folder = Path(tempfile.mkdtemp(prefix="fascicle-postfix-"))
    port = free_port()
    try:
        _set_up(folder, port, lmtp)
        _run(folder, "start")
        try:
            yield port
        finally:
            _run(folder, "abort")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(folder: Path, port: int, lmtp: int) -> None:
    folder.chmod(0o755)
    for name in ("queue", "data", "config"):
        (folder / name).mkdir()
    os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, 0)
    documented = _documented().replace("127.0.0.1:2424", f"127.0.0.1:{lmtp}")
    (folder / "config" / "main.cf").write_text(_MAIN.format(folder=folder, documented=documented))
    (folder / "config" / "master.cf").write_text(_MASTER.format(port=f"127.0.0.1:{port}"))


def _documented() -> str:
    """The lines that the documentation gives for main.cf."""
    found = re.search(r"^# /etc/postfix/main\.cf\n(.*?)^```", DOCUMENTED.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def _run(folder: Path, word: str) -> None:
    command = [HERE or "postfix", "-c", str(folder / "config"), word]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or word == "abort", done.stderr
