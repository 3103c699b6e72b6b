"""REDIS_URL is read by one rule, and what it was typed wrong is said without a part of it."""

import ssl
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu.utils.url import parse_url

from webapp.setting_values import Unusable, redis_url
from webapp.setting_values.redis_url import RedisAddress

SECRET = "Summer"
WRONG = [
    ("redis://:Summer#ssw@host:6379/0", "percent-encoded"),
    ("redis://:Sum/mer@host:6379/0", "percent-encoded"),
    ("redis://:Sum?mer@host:6379/0", "percent-encoded"),
    ("redis://:[Summer@host/0", "percent-encoded"),
    ("redis://:Sum mer@host/0", "space"),
    ("redis://:Summer\n@host/0", "printed"),
    ("redis://:Summer\udce9@host/0", "printed"),
    ("redis://:Summer%E9@host/0", "UTF-8"),
    ("redis://:Summer@host:63x9/0", "port"),
    ("redis://host:/Summer", "database"),
    ("redis://:Summer@host:0/0", "port"),
    ("redis://:Summer@host:65536/0", "port"),
    ("redis://:Summer@host:-1/0", "port"),
    ("redis://h:99999999999999999999/0", "port"),
    ("http://:Summer@host:6379/0", "must begin with redis://"),
    ("amqp://host", "must begin with redis://"),
    ("host:6379", "must begin with redis://"),
    ("localhost", "must begin"),
    ("unix:///run/redis.sock", "Unix socket"),
    ("redis+socket:///run/redis.sock", "Unix socket"),
    ("sentinel://:Summer@a:26379,b:26379/0?master=m", "Sentinel"),
    ("redis+sentinel://a:26379/m/0", "Sentinel"),
    ("redis://", "no host"),
    ("redis:///0", "no host"),
    ("redis://:Summer@/0", "no host"),
    ("redis://:6379/0", "no host"),
    ("redis://a:1,b:2/0", "port"),
    ("redis://a,b:6379/0", "more than one host"),
    ("redis://a;b/0", "more than one host"),
    ("redis://host..example:6379/0", "host is not"),
    ("redis://" + "a" * 64 + "/0", "host is not"),
    ("redis://host/bells", "number of the database"),
    ("redis://host/0/", "number of the database"),
    ("redis://host/-1", "number of the database"),
    ("redis://host/٣", "number of the database"),
    ("redis://host/0?db=1", "rediss://"),
    ("redis://host/0?ssl_cert_reqs=none", "rediss://"),
    ("rediss://host/0?socket_timeout=5", "only ssl_ca_certs"),
    ("rediss://host/0?ssl_cert_reqs=perhaps", "required or none"),
    ("rediss://host/0?ssl_cert_reqs=", "required or none"),
    ("rediss://host/0?ssl_ca_certs=/no/such", "not there"),
    ("rediss://host/0?ssl_check_hostname=2", "true or false"),
    ("rediss://h/0?ssl_keyfile=/no", "not there"),
    ("rediss://h/0?ssl_cert_reqs=none&ssl_cert_reqs=required", "once each"),
    ("rediss://h/0#Summer", "percent-encoded"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_a_url_that_cannot_be_used_is_refused_without_a_part_of_it(text: str, says: str) -> None:
    with pytest.raises(Unusable) as refused:
        redis_url.read(text)

    assert says in str(refused.value)
    assert "Sum" not in str(refused.value) and "\n" not in str(refused.value)


RIGHT = [
    ("redis://localhost", RedisAddress("localhost")),
    ("redis://localhost:6380/3", RedisAddress("localhost", 6380, database=3)),
    ("valkey://host/1", RedisAddress("host", database=1)),
    ("REDIS://Host/", RedisAddress("host")),
    ("redis://[::1]:6379/0", RedisAddress("::1")),
    ("redis://my_broker:6379", RedisAddress("my_broker")),
    ("redis://:p%23a%2Fb%3Fc%40d@host", RedisAddress("host", password="p#a/b?c@d")),
    ("redis://desk:Gr%C3%BC%C3%9Fe@host", RedisAddress("host", user="desk", password="Grüße")),
    ("redis://desk:a:b;c+d@host", RedisAddress("host", user="desk", password="a:b;c+d")),
    ("redis://:p@ss@host", RedisAddress("host", password="p@ss")),
]


@pytest.mark.parametrize(("text", "means"), RIGHT)
def test_a_url_means_the_same_to_celery_and_to_the_monitor(text: str, means: RedisAddress) -> None:
    read = redis_url.read(text)
    celerys, ours = parse_url(read.url), read.client().connection_pool.connection_kwargs

    assert read == means
    assert (celerys["hostname"], celerys["port"], int(celerys["virtual_host"])) == (
        means.host,
        means.port,
        means.database,
    )
    assert (ours["host"], ours["port"], ours["db"]) == (means.host, means.port, means.database)
    assert (celerys["userid"] or "", celerys["password"] or "") == (means.user, means.password)
    assert (ours["username"] or "", ours["password"] or "") == (means.user, means.password)


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1), st.integers(1, 65535))
def test_any_password_that_is_percent_encoded_arrives_as_it_is(password: str, port: int) -> None:
    read = redis_url.read(f"redis://desk:{quote(password, safe='')}@host:{port}/0")

    assert (read.user, read.password, read.port) == ("desk", password, port)
    assert parse_url(read.url)["password"] == password
    assert password == redis_url.read(read.url).password


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_and_nothing_else(text: str) -> None:
    for typed in (text, f"redis://{text}", f"rediss://:{text}@host/0"):
        with suppress(Unusable):
            assert redis_url.read(typed).host


@pytest.mark.parametrize("query", ["", "?ssl_cert_reqs=required", "?ssl_cert_reqs=CERT_REQUIRED",
                                   "?ssl_cert_reqs=ssl.CERT_REQUIRED", "?ssl_cert_reqs=optional"])  # fmt: skip
def test_a_certificate_is_checked_by_everybody_unless_that_is_switched_off(query: str) -> None:
    read = redis_url.read(f"rediss://host/0{query}")

    assert read.is_checked
    assert read.for_celery()["broker_use_ssl"] == {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    assert read.client().connection_pool.connection_kwargs["ssl_cert_reqs"] == ssl.CERT_REQUIRED


@pytest.mark.parametrize("query", ["ssl_cert_reqs=none", "ssl_cert_reqs=CERT_NONE", "ssl_cert_reqs=None",
                                   "ssl_check_hostname=false"])  # fmt: skip
def test_a_check_that_is_switched_off_is_known_as_such(query: str) -> None:
    assert not redis_url.read(f"rediss://host/0?{query}").is_checked


def test_a_file_that_holds_no_certificates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")

    for name in ("ssl_ca_certs", "ssl_certfile"):
        with pytest.raises(Unusable, match="certificate"):
            redis_url.read(f"rediss://host/0?{name}={tmp_path}/ca.pem")


def test_the_password_is_in_no_representation() -> None:
    assert SECRET not in repr(redis_url.read(f"redis://:{SECRET}@host"))
