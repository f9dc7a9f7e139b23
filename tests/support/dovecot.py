"""Debian's Dovecot as clinics' hosts run it: one account, a Maildir, TLS, on a free port in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.product import free_port
from tests.support.tls import Authority

USER, PASSWORD = "desk@clinic.example", "mail-password-0123"
PROGRAM = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin")
START_SECONDS = 20.0
SENT = ".Gone out"
"""The folder of sent mails, on the disk. Only its mark says what it is for."""
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_process_limit = 10
default_client_limit = 50
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{folder}/mail
mail_uid = {owner}
mail_gid = {owner}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = home={folder}/home
}}
namespace inbox {{
  inbox = yes
  mailbox "Gone out" {{
    special_use = \\Sent
    auto = create
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def _why_not() -> str | None:
    if PROGRAM is None:
        return "dovecot is not installed"
    if os.geteuid() != 0:
        return "dovecot wants to be started by root"
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False).stdout
    return None if re.match(r"2\.[23]\.", version) else f"its settings are written for dovecot 2.3, not {version[:20]}"


WHY_NOT = _why_not()
NEEDS_DOVECOT = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))


class Dovecot:
    """One server; ``deliver`` is what a mail server in front of it would do."""

    def __init__(self, authority: Authority) -> None:
        # Its processes give up root's rights and must still reach their files.
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self._owner = pwd.getpwnam("dovecot")
        folders = [f"mail{box}{part}" for box in ("", f"/{SENT}") for part in ("", "/new", "/cur", "/tmp")]
        for name in (*folders, "home"):
            (self.folder / name).mkdir()
            os.chown(self.folder / name, self._owner.pw_uid, self._owner.pw_gid)
        certificate, key = authority.files()
        self._config = self.folder / "dovecot.conf"
        self._config.write_text(
            CONFIG.format(
                folder=self.folder,
                certificate=certificate,
                key=key,
                password=PASSWORD,
                owner="dovecot",
                port=self.port,
            )
        )
        self._child: subprocess.Popen[bytes] | None = None
        self._delivered = 0

    @property
    def account(self) -> dict[str, Any]:
        """What a clinic enters."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": USER,
            "password": PASSWORD,
            "tls": True,
        }

    def start(self) -> None:
        """Return once it answers."""
        assert PROGRAM is not None
        self._child = subprocess.Popen([PROGRAM, "-F", "-c", str(self._config)], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.settimeout(5)
                if line.recv(20).startswith(b"* OK"):
                    return
            log = self.folder / "log"
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"dovecot did not start: {log.read_text() if log.exists() else 'no log'}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it, its connections with it."""
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)
            self._child.wait(20)
            self._child = None

    def remove(self) -> None:
        """Stop it and forget everything."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def deliver(self, mail: bytes, folder: str = "") -> None:
        """Put a mail there as a Maildir wants it: written aside, then moved into ``new``."""
        self._delivered += 1
        place = self.folder / "mail" / folder
        name = f"{int(time.time())}.M{self._delivered}P{os.getpid()}.test"
        written = place / "tmp" / name
        written.write_bytes(mail)
        os.chown(written, self._owner.pw_uid, self._owner.pw_gid)
        written.rename(place / "new" / name)

    def number_anew(self) -> None:
        """Lose the numbers of all mails, as after a move to another machine (stopped only)."""
        assert self._child is None
        for lost in (self.folder / "mail").rglob("dovecot*"):
            if lost.is_file():
                lost.unlink()
