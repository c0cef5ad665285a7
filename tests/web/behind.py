"""Web servers of the system, started with our sample files: only addresses, folders and certificates are changed."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds; far more than a server needs on a quiet machine."""
_NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include {folder}/site.conf;
}}
"""


def program(name: str) -> str | None:
    """Where a server is; its folder is not on the path of every user."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def changed(sample: str, changes: Mapping[str, str]) -> str:
    """The sample with each text replaced; all of them must be in it."""
    text = (ROOT / "examples" / sample).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{sample} has no {old!r}"
        text = text.replace(old, new)
    return text


@contextmanager
def nginx(folder: Path, *, public: Path, program_url: str) -> Iterator[str]:
    port = free_port()
    site = changed(
        "nginx.conf",
        {
            "listen 443 ssl;": f"listen 127.0.0.1:{port};",
            "    ssl_certificate     /etc/ssl/serials.example.org.pem;": "",
            "    ssl_certificate_key /etc/ssl/serials.example.org.key;": "",
            "server_name serials.example.org;": "server_name localhost;",
            "https://serials.example.org": "https://example.org",
            "/srv/serials/public": str(public),
            "http://127.0.0.1:8000": program_url,
        },
    )
    (folder / "site.conf").write_text(site)
    # The folders of tests are for their own user alone.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, user=user))
    command = [program("nginx") or "nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c", "nginx.conf"]
    with running(command, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def caddy(folder: Path, *, public: Path, program_url: str) -> Iterator[str]:
    port = free_port()
    site = changed(
        "Caddyfile",
        {
            "serials.example.org {": f"http://127.0.0.1:{port} {{",
            "https://serials.example.org": "https://example.org",
            "/srv/serials/public": str(public),
            "127.0.0.1:8000": program_url.removeprefix("http://"),
        },
    )
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + site)
    env = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = [program("caddy") or "caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with running(command, port, env):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(command: Sequence[str], port: int, env: Mapping[str, str] | None = None) -> Iterator[None]:
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        try:
            _wait(child, port)
            yield
        finally:
            child.send_signal(signal.SIGTERM)
            child.communicate(timeout=PATIENCE)


def _wait(child: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert child.poll() is None, child.stderr and child.stderr.read().decode()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the server does not answer")
