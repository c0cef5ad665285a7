"""A real IMAP server with a mailbox of its own, on ports of its own."""

import datetime as dt
import grp
import ipaddress
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mail.mailbox import MailboxSettings
from tests.ports import free_port
from tests.web.behind import program, running

HERE = program("dovecot")
USER, PASSWORD = "bounces", r'a "secret" with \ in it'
_CONFIGURATION = """
base_dir = {folder}/run
log_path = {folder}/dovecot.log
listen = 127.0.0.1
protocols = imap
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    folder: Path
    port: int
    tls_port: int

    @property
    def settings(self) -> MailboxSettings:
        ca = self.folder / "cert.pem"
        return MailboxSettings("127.0.0.1", self.tls_port, "implicit", USER, PASSWORD, ca_file=ca)

    @property
    def starting_tls(self) -> MailboxSettings:
        return replace(self.settings, port=self.port, tls="starttls")

    def messages(self) -> list[Path]:
        return sorted(path for part in ("cur", "new") for path in (self.folder / "mail" / part).glob("*"))

    def flags(self) -> list[str]:
        """The flags of each message there is: S is seen."""
        return [path.name.partition(":2,")[2] for path in self.messages()]

    def deliver(self, *messages: bytes) -> None:
        """As a mail server does it: written beside, then moved in."""
        new = self.folder / "mail" / "new"
        for message in messages:
            handle, name = tempfile.mkstemp(dir=self.folder / "mail" / "tmp")
            with os.fdopen(handle, "wb") as file:
                file.write(message)
            _give_away(Path(name))
            Path(name).rename(new / f"{len(self.messages()):06}.{Path(name).name}")


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    # Not below the folder of a test: only its own user may go there, and Dovecot never reads mail as root.
    folder = Path(tempfile.mkdtemp(prefix="fascicle-dovecot-"))
    try:
        folder.chmod(0o755)
        _set_up(folder)
        server = Dovecot(folder, free_port(), free_port())
        (folder / "dovecot.conf").write_text(_configuration(server))
        with running([HERE or "dovecot", "-F", "-c", str(folder / "dovecot.conf")], server.port):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(folder: Path) -> None:
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    _certify(folder)
    for part in ("mail", "mail/new", "mail/cur", "mail/tmp", "home"):
        (folder / part).mkdir()
        _give_away(folder / part)


def _give_away(path: Path) -> None:
    """To the user as whom Dovecot reads mail."""
    if os.geteuid() == 0:
        uid, gid = _owner()
        os.chown(path, uid, gid)


def _owner() -> tuple[int, int]:
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _configuration(server: Dovecot) -> str:
    me = pwd.getpwuid(os.geteuid()).pw_name
    as_root = os.geteuid() == 0
    uid, gid = _owner()
    return _CONFIGURATION.format(
        folder=server.folder,
        port=server.port,
        tls_port=server.tls_port,
        internal="dovecot" if as_root else me,
        internal_group="dovecot" if as_root else grp.getgrgid(os.getegid()).gr_name,
        login="dovenull" if as_root else me,
        uid=uid,
        gid=gid,
    )


def _certify(folder: Path) -> None:
    """A certificate of our own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mailbox.test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
