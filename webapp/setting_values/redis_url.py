"""Reads REDIS_URL for everybody who connects: Celery, the monitor, the launcher and doctor.

Celery and redis-py read a URL differently: with plain `rediss://` only one of them checks the certificate. So neither
gets the URL as it was typed.
"""

import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, unquote_to_bytes, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from webapp.setting_values import Unusable

SCHEMES = {"redis": False, "valkey": False, "rediss": True, "valkeys": True}
KNOWN = ("ssl_ca_certs", "ssl_cert_reqs", "ssl_check_hostname", "ssl_certfile", "ssl_keyfile")
PORT = 6379
_CHECKS = {"required": ssl.CERT_REQUIRED, "optional": ssl.CERT_REQUIRED, "none": ssl.CERT_NONE}
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ENCODE = (
    "a special character of the user or password must be written percent-encoded (%23 for #, %2F for /, %3F for ?, "
    "%40 for @, %25 for %)"
)
_SENTINEL = "Sentinel is not supported yet: name the Redis server itself, with redis:// or rediss://"
_OTHERS = {
    "sentinel": _SENTINEL,
    "redis+sentinel": _SENTINEL,
    "unix": "a Unix socket cannot be used: let Redis listen on a port of 127.0.0.1, and name that",
    "redis+socket": "a Unix socket cannot be used: let Redis listen on a port of 127.0.0.1, and name that",
}


@dataclass(frozen=True)
class RedisAddress:
    """Where Redis is, and how to connect."""

    host: str
    port: int = PORT
    user: str = ""
    password: str = field(default="", repr=False)
    database: int = 0
    # Options for TLS, by the names that redis-py and Celery share. None: no TLS.
    tls: dict[str, Any] | None = None

    @property
    def place(self) -> str:
        """Host and port, for a person."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_checked(self) -> bool:
        """Whether TLS, if it is used, would notice another server in its place."""
        return self.tls is None or bool(self.tls["ssl_cert_reqs"] and self.tls["ssl_check_hostname"])

    @property
    def url(self) -> str:
        """The URL without options, its special characters encoded."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user or self.password else ""
        return f"{'redis' if self.tls is None else 'rediss'}://{login}{self.place}/{self.database}"

    def client(self, **options: Any) -> Redis:
        """Returns a client without retries, unless `options` say otherwise. It connects at its first use."""
        chosen: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), **options}
        return Redis(
            host=self.host, port=self.port, db=self.database, username=self.user or None,
            password=self.password or None, ssl=self.tls is not None, **(self.tls or {}), **chosen,
        )  # fmt: skip

    def for_celery(self) -> dict[str, Any]:
        """Returns Celery's settings of the broker. With the URL alone Celery would check no certificate."""
        return {"broker_url": self.url, "broker_use_ssl": self.tls, "redis_backend_use_ssl": self.tls}


def read(text: str) -> RedisAddress:
    """Returns the address in a URL.

    Raises:
        Unusable: the message says what is wrong.
    """
    parts = _parts(text)
    scheme = parts.scheme.lower()
    if scheme not in SCHEMES:
        raise Unusable(_OTHERS.get(scheme, "it must begin with redis://, or rediss:// for TLS"))
    if not parts.hostname:
        raise Unusable("it names no host; it must look like redis://user:password@host:6379/0")
    port = _port(parts)
    is_tls = SCHEMES[scheme]
    if parts.query and not is_tls:
        raise Unusable("what follows the ? belongs to TLS: begin it with rediss://, or take that away")
    return RedisAddress(
        host=_host(parts.hostname), port=port, user=_decoded(parts.username), password=_decoded(parts.password),
        database=_database(parts.path), tls=_tls(parts.query) if is_tls else None,
    )  # fmt: skip


def _parts(text: str) -> SplitResult:
    if not text.isprintable() or " " in text:  # Broken UTF-8 is not printable either.
        raise Unusable(f"it has a space, or a character that cannot be printed; {_ENCODE}")
    if "://" not in text:
        raise Unusable("it must begin with redis://, or rediss:// for TLS")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise Unusable(f"it cannot be read; {_ENCODE}") from None
    # An unencoded / ? or # ends the login too early, so its @ ends up in the path or query.
    if "#" in text or "@" in parts.path + parts.query:
        raise Unusable(_ENCODE)
    return parts


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise Unusable(f"its port must be a number from 1 to 65535, and {_ENCODE}")
    return port or PORT


def _host(host: str) -> str:
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    if any(char in host for char in ",;"):
        raise Unusable("it names more than one host")
    try:
        is_name = bool(host.encode("idna"))
    except UnicodeError:
        is_name = False
    if not is_name or not all(char.isalnum() or char in "-._" for char in host):
        raise Unusable(f"its host is not a name or an address; {_ENCODE}")
    return host


def _decoded(part: str | None) -> str:
    try:
        unquote_to_bytes(part or "").decode()
    except UnicodeDecodeError:
        raise Unusable("a percent code in its user or password is no UTF-8") from None
    return unquote(part or "")


def _database(path: str) -> int:
    number = path.removeprefix("/")
    if number and not (number.isascii() and number.isdigit() and len(number) < 6):
        raise Unusable("after the last / there must be the number of the database, such as 0")
    return int(number or 0)


def _tls(query: str) -> dict[str, Any]:
    given = parse_qsl(query, keep_blank_values=True)
    values = dict(given)
    if len(values) < len(given) or not values.keys() <= set(KNOWN):
        raise Unusable(f"behind its ? may stand, once each, only {', '.join(KNOWN)}")
    reqs = values.get("ssl_cert_reqs", "required").lower().removeprefix("ssl.").removeprefix("cert_")
    if reqs not in _CHECKS:
        raise Unusable("ssl_cert_reqs must be required or none")
    if (name := values.get("ssl_check_hostname", "true").lower()) not in _WORDS:
        raise Unusable("ssl_check_hostname must be true or false")
    tls: dict[str, Any] = {"ssl_cert_reqs": _CHECKS[reqs]}
    tls["ssl_check_hostname"] = bool(tls["ssl_cert_reqs"]) and _WORDS[name]
    tls |= {name: values[name] for name in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile") if name in values}
    _load(tls)
    return tls


def _load(tls: dict[str, Any]) -> None:
    """Read the files once, as each connection does."""
    for name in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile"):
        if name in tls and not Path(tls[name]).is_file():
            raise Unusable(f"the file of {name} is not there, or not for this user to read")
    context = ssl.create_default_context()
    try:
        if "ssl_ca_certs" in tls:
            context.load_verify_locations(tls["ssl_ca_certs"])
    except (OSError, ValueError):
        raise Unusable("the file of ssl_ca_certs holds no certificates in PEM form that can be read") from None
    if "ssl_keyfile" in tls and "ssl_certfile" not in tls:
        raise Unusable("ssl_keyfile needs ssl_certfile beside it")
    try:
        if "ssl_certfile" in tls:  # Otherwise OpenSSL asks the terminal for a passphrase.
            context.load_cert_chain(tls["ssl_certfile"], tls.get("ssl_keyfile"), password=lambda: "")
    except (OSError, ValueError):
        raise Unusable("ssl_certfile and ssl_keyfile are no certificate and its key without a passphrase") from None
