"""By rediss:// nobody is told anything who cannot show a certificate that is trusted: not Celery's side, not ours."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from celery import Celery

from tests.support.mail.fake_smtp import make_certificate
from webapp.celery_app import options
from webapp.monitor.redis.broker import Broker, Down
from webapp.setting_values import redis_url
from webapp.settings import Settings


class Stranger:
    """A TLS server with a certificate of its own making; it keeps what it is told, and knows no Redis."""

    def __init__(self, folder: Path) -> None:
        self.certificate, key = make_certificate(folder)
        self.heard = b""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rediss://desk:Summer@localhost:{self._listener.getsockname()[1]}/0"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                with suppress(OSError), self._context.wrap_socket(line, server_side=True) as told:
                    told.settimeout(1)
                    self.heard += told.recv(1000)
                    told.sendall(b"-ERR no Redis\r\n")

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Stranger]:
    server = Stranger(tmp_path)
    yield server
    server.close()


def ring(settings: Settings, url: str) -> None:
    """Ring by Celery, set up as web and worker set it up."""
    app = Celery("tls")
    app.conf.update(options(settings.model_copy(update={"redis_url": url})))
    with suppress(Exception):  # How it fails is another test's.
        app.send_task("tasks.deliver", args=[1], queue="notifications", retry=False)


def test_a_stranger_hears_no_password_from_anybody(stranger: Stranger, settings: Settings) -> None:
    ring(settings, stranger.url)
    with pytest.raises(Down, match="certificate of Redis is not trusted"):
        Broker(lambda: redis_url.read(stranger.url)).figures()

    assert stranger.heard == b""


@pytest.mark.parametrize("query", ["?ssl_cert_reqs=none", "?ssl_cert_reqs=CERT_NONE", "?ssl_ca_certs={}"])
def test_with_the_check_off_or_its_own_authority_it_hears_both(
    stranger: Stranger, settings: Settings, query: str
) -> None:
    url = stranger.url + query.format(stranger.certificate)

    ring(settings, url)
    assert b"AUTH" in stranger.heard

    stranger.heard = b""
    with pytest.raises(Down):
        Broker(lambda: redis_url.read(url)).figures()
    assert b"AUTH" in stranger.heard


def test_a_name_that_is_not_the_certificates_is_refused(stranger: Stranger, settings: Settings) -> None:
    url = f"{stranger.url.replace('localhost', '127.0.0.2')}?ssl_ca_certs={stranger.certificate}"

    ring(settings, url)
    with pytest.raises(Down):
        Broker(lambda: redis_url.read(url)).figures()

    assert stranger.heard == b""
