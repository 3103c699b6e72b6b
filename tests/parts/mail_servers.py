"""Debian's Postfix and Exim as processes: what the desk sends goes through them to a next hop, and back by a pipe.

Each is set up as docs/operations.md says, in a folder of its own and under a user that the system has anyway.
"""

import pwd
import re
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from subprocess import run
from types import TracebackType
from typing import Any, Self

from tests.parts.debian import HOME, libraries, program
from tests.support.mail.fake_smtp import FakeSmtp
from tests.support.network.ports import free_port
from tests.support.processes import ROOT, Process, system_environment

SENDER = "desk@hotel.example"
# Their own users are made when they are installed; these two come with every Debian.
USER, GROUP = "mail", "uucp"
SHARED = ("maildrop", "public")
QUEUE = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")


class MailServer(Process):
    """A mail server in front of a next hop, whose refusals it turns into mails to the sender."""

    pipe_user = USER

    def __init__(self, env: dict[str, str] | None = None) -> None:
        self.next_hop = FakeSmtp()
        self.port = free_port()
        # Other users than root read it, and what pytest gives to a test is root's alone.
        self.folder = Path(tempfile.mkdtemp(prefix="bellhop-mail-"))
        self.folder.chmod(0o755)
        shutil.copy(ROOT / "deploy" / "bounce.sh", self.folder)
        pipe = f"|/usr/bin/env BELLHOP_BOUNCE={self.folder}/bounce.curl {self.folder}/bounce.sh"
        [line] = re.findall(r"^\| Postfix \|.*`(desk: .*?)`", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
        told = (
            line.replace("\\|", "|").replace("|/opt/bellhop/deploy/bounce.sh", pipe).replace("front-desk-mailbox, ", "")
        )
        assert pipe in told, line
        (self.folder / "aliases").write_text(f"{told}\n")
        command = self.set_up()
        super().__init__(command, system_environment() | (env or {}), cwd=self.folder, logs=self.folder)

    def set_up(self) -> list[object]:
        """Write its files; the command that starts it."""
        raise NotImplementedError

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that point an app here."""
        return self.next_hop.settings | {"mail_port": self.port, "mail_default_sender": SENDER}

    def hand_to(self, url: str, key: str) -> None:
        """Let what comes back go to a desk. Before that the pipe answers: later."""
        config = self.folder / "bounce.curl"
        config.touch(0o600)
        shutil.chown(config, self.pipe_user)
        config.write_text(
            f'url = "{url}/webhooks/email/bounce"\nheader = "Authorization: Bearer {key}"\nnoproxy = "*"\n'
        )

    def said(self) -> str:
        """Return its log."""
        return self.output()

    def is_ready(self) -> bool:
        """Whether it greets."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
            return line.recv(3) == b"220"
        return False

    def __enter__(self) -> Self:
        self.next_hop.start()
        return super().__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        super().__exit__(kind, error, at)
        self.next_hop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postfix(MailServer):
    """postfix by Debian's master.cf; programs and libraries are named, since it is not installed."""

    pipe_user = "nobody"

    def __init__(self) -> None:
        self.unpacked = HOME / "postfix" / "usr"
        libraries_of_its_own = f"{self.unpacked}/lib/postfix:{libraries('postfix')['LD_LIBRARY_PATH']}"
        super().__init__({"LD_LIBRARY_PATH": libraries_of_its_own})

    def set_up(self) -> list[object]:
        """Write its files, and make the queue as its installation would."""
        self._make_queue()
        here, unpacked = self.folder, self.unpacked
        (here / "main.cf").write_text(
            f"compatibility_level = 3.6\nqueue_directory = {here}/queue\ndata_directory = {here}/data\n"
            f"command_directory = {unpacked}/sbin\ndaemon_directory = {unpacked}/lib/postfix/sbin\n"
            f"shlib_directory = {unpacked}/lib/postfix\nmeta_directory = {here}\nmail_owner = {USER}\n"
            f"setgid_group = {GROUP}\ndefault_privs = {self.pipe_user}\nmaillog_file = /dev/stdout\n"
            "import_environment = MAIL_CONFIG LD_LIBRARY_PATH LANG TZ\n"
            "inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nsmtp_dns_support_level = disabled\n"
            "myhostname = relay.hotel.example\nmydestination = hotel.example\n"
            f"alias_maps = hash:{here}/aliases\nrelayhost = [127.0.0.1]:{self.next_hop.port}\n"
            "queue_run_delay = 1s\nminimal_backoff_time = 1s\nmaximal_backoff_time = 2s\ndelay_warning_time = 1s\n"
        )
        lines = Path(program("postfix", "usr/share/postfix/master.cf.dist")).read_text().splitlines()
        # As installed, and in no chroot of its own: its libraries are not in there.
        services = [line.split() for line in lines if re.match(r"[a-z].*\b(inet|unix|unix-dgram)\b", line)]
        for service in services:
            service[4] = "n"
            service[0] = f"127.0.0.1:{self.port}" if service[1] == "inet" else service[0]
        wanted = [" ".join(service) for service in services if service[7] != "pipe"]
        (here / "master.cf").write_text("\n".join([*wanted, ""]))
        env = {"LD_LIBRARY_PATH": f"{unpacked}/lib/postfix", "MAIL_CONFIG": str(here)}
        run([f"{unpacked}/sbin/postalias", here / "aliases"], env=env, check=True, timeout=60)
        return [f"{unpacked}/lib/postfix/sbin/master", "-c", here, "-d"]

    def _make_queue(self) -> None:
        (self.folder / "queue" / "pid").mkdir(parents=True)
        for name in ("data", *(f"queue/{name}" for name in (*QUEUE, *SHARED))):
            (self.folder / name).mkdir()
            is_shared = name.endswith(SHARED)
            shutil.chown(self.folder / name, USER, GROUP if is_shared else None)
            (self.folder / name).chmod(0o730 if is_shared else 0o700)


class Exim(MailServer):
    """exim4 with its own user lent by nss_wrapper: it asks the system for Debian-exim before it reads its file."""

    def set_up(self) -> list[object]:
        """Write its files, and a script by which it starts itself for each task, since it drops all LD_ variables."""
        here, wrapper = self.folder, self.folder / "exim.sh"
        me = pwd.getpwnam(USER)
        for kind in ("passwd", "group"):
            entry = f"{me.pw_uid}:{me.pw_gid}::/nonexistent:/bin/false" if kind == "passwd" else f"{me.pw_gid}:"
            (here / kind).write_text(Path("/etc", kind).read_text() + f"Debian-exim:x:{entry}\n")
        for name in ("spool", "log"):
            (here / name).mkdir()
            shutil.chown(here / name, USER)
        folders = libraries("exim")["LD_LIBRARY_PATH"]
        wrapper.write_text(
            f"#!/bin/sh\nexport LD_LIBRARY_PATH={folders} LD_PRELOAD={folders}/libnss_wrapper.so\n"
            f"export NSS_WRAPPER_PASSWD={here}/passwd NSS_WRAPPER_GROUP={here}/group\n"
            f'exec {program("exim", "usr/sbin/exim4")} "$@"\n'
        )
        wrapper.chmod(0o755)
        (here / "exim.conf").write_text(EXIM.format(here=here, user=USER, hop=self.next_hop.port))
        return [wrapper, "-C", here / "exim.conf", "-bdf", "-q1s", "-oX", f"127.0.0.1.{self.port}"]

    def said(self) -> str:
        """Its log is a file of its own."""
        return "".join(path.read_text() for path in sorted((self.folder / "log").glob("*log")))


# The alias and the pipe stand as docs/operations.md says. What comes in is delivered by the runner of each second.
EXIM = """
exim_path = {here}/exim.sh
exim_user = {user}
exim_group = {user}
deliver_drop_privilege = true
primary_hostname = relay.hotel.example
domainlist local_domains = hotel.example
spool_directory = {here}/spool
log_file_path = {here}/log/%slog
keep_environment =
acl_smtp_rcpt = accept
queue_only = true
tls_advertise_hosts =
dsn_advertise_hosts = *
delay_warning = 2s
delay_warning_condition = yes
begin routers
next_hop:
  driver = manualroute
  domains = ! +local_domains
  transport = remote
  route_list = * 127.0.0.1 byname
  self = send
system_aliases:
  driver = redirect
  data = ${{lookup{{$local_part}}lsearch{{{here}/aliases}}}}
  pipe_transport = address_pipe
  user = {user}
begin transports
remote:
  driver = smtp
  port = {hop}
address_pipe:
  driver = pipe
  return_output
  temp_errors = 75
begin retry
* * F,1h,1s
"""
