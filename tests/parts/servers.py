"""Debian's Redis, nginx and Prometheus as processes, with the files of deploy/."""

import socket
import ssl
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import redis

from tests.parts.debian import libraries, program
from tests.support.mail.fake_smtp import make_certificate
from tests.support.network.ports import free_port
from tests.support.processes import ROOT, Process, system_environment
from tests.support.refusals import ACL
from tests.support.servers import Valkey

PASSWORD = "p#a/b?c@d:e%41"  # Each of these means something in a URL.


class RealRedis(Valkey):
    """redis-server by deploy/redis.conf, by TLS alone, with a user who has the rights that the docs name."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.certificate, key = make_certificate(folder)
        (folder / "redis.conf").write_text(
            f"include {ROOT}/deploy/redis.conf\ndir {folder}\nbind 127.0.0.1\nport 0\ntls-port {self.port}\n"
            f"tls-cert-file {self.certificate}\ntls-key-file {key}\ntls-auth-clients no\n"
            f"user default off\nuser admin on >admin ~* &* +@all\nuser desk on >{PASSWORD} {ACL}\n"
        )
        self.command = [program("redis", "usr/bin/redis-server"), str(folder / "redis.conf")]
        self.env |= libraries("redis")
        self.address = f"rediss://desk:{quote(PASSWORD, safe='')}@localhost:{self.port}/3"
        self.url = f"{self.address}?ssl_ca_certs={self.certificate}"

    def call(self, *command: object, timeout: float = 2) -> Any:
        """Send one command as the admin."""
        with redis.Redis(
            "localhost", self.port, username="admin", password="admin", ssl=True, ssl_ca_certs=str(self.certificate),
            socket_timeout=timeout, decode_responses=True,
        ) as client:  # fmt: skip
            return client.execute_command(*command)


class Nginx(Process):
    """nginx by deploy/nginx/bellhop.conf: other ports, another certificate, the rest as it stands."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self.port, self.plain = free_port(), free_port()
        self.certificate, key = make_certificate(folder, "desk.example.com")
        site = (ROOT / "deploy" / "nginx" / "bellhop.conf").read_text()
        for written, here in {
            "    listen [::]:80;\n": "", "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl", "127.0.0.1:8000": upstream.removeprefix("http://"),
            "/etc/letsencrypt/live/desk.example.com/fullchain.pem": str(self.certificate),
            "/etc/letsencrypt/live/desk.example.com/privkey.pem": str(key),
        }.items():  # fmt: skip
            assert written in site, written
            site = site.replace(written, here)
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        conf = f"pid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}\n}}\n"
        (folder / "nginx.conf").write_text(conf)
        command = [program("nginx", "usr/sbin/nginx"), "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
        super().__init__([*command, "-g", "daemon off;"], system_environment() | libraries("nginx"), logs=folder)

    def is_ready(self) -> bool:
        """Whether it listens."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def get(self, path: str, *, data: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
        """Ask by https, as a browser that knows the name desk.example.com."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", data=data)
        for name, value in {"Host": "desk.example.com", **headers}.items():
            request.add_header(name.replace("_", "-"), value)
        https = urllib.request.HTTPSHandler(context=context)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, dict(refused.headers), refused.read().decode()


class Prometheus(Process):
    """prometheus by deploy/prometheus/scrape.yml, through nginx, with a key."""

    def __init__(self, folder: Path, nginx: Nginx, key: str) -> None:
        self.port = free_port()
        (folder / "bellhop.key").write_text(key)
        (folder / "bellhop.rules.yml").write_text((ROOT / "deploy/prometheus/bellhop.rules.yml").read_text())
        text = (ROOT / "deploy" / "prometheus" / "scrape.yml").read_text()
        trust = f"    tls_config: {{ca_file: {nginx.certificate}, server_name: desk.example.com}}\n    scheme: https\n"
        for written, here in {
            "scrape_interval: 15s": "scrape_interval: 1s\n    scrape_timeout: 1s", "    scheme: https\n": trust,
            "/etc/prometheus/bellhop.key": str(folder / "bellhop.key"),
            "[desk.example.com]": f"['127.0.0.1:{nginx.port}']",
        }.items():  # fmt: skip
            assert written in text, written
            text = text.replace(written, here)
        self.conf = folder / "prometheus.yml"
        self.conf.write_text(text)
        command = [program("prometheus", "usr/bin/prometheus"), f"--config.file={self.conf}"]
        options = [f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{self.port}"]
        super().__init__([*command, *options], system_environment(), logs=folder)

    def is_ready(self) -> bool:
        """Whether it takes questions."""
        with suppress(OSError):
            return bool(self.ask("/-/ready"))
        return False

    def ask(self, path: str) -> bytes:
        """Read one page of its API."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return bytes(answer.read())
