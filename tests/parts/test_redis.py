"""Debian's redis-server: TLS with an authority of its own, a user of its own, a stranger, a demoted master."""

from pathlib import Path

import pytest

from tests.parts.debian import libraries, program
from tests.parts.servers import RealRedis
from tests.support import refusals
from tests.support.house import House
from tests.support.network.ports import free_port
from tests.support.processes import ROOT, Process, system_environment
from tests.support.waiting import until


@pytest.mark.parametrize("way", ["by hand", "included"])
def test_redis_conf_starts_as_the_docs_say_and_leaves_nothing_in_the_clone(tmp_path: Path, way: str) -> None:
    ours, port = f"{ROOT}/deploy/redis.conf", free_port()
    options = [ours, "--dir", str(tmp_path), "--port", str(port)]
    if way == "included":
        debians = Path(program("redis", "etc/redis/redis.conf")).read_text()
        changed = debians.replace("port 6379", f"port {port}").replace("daemonize yes", "daemonize no")
        for folder in ("/var/lib/redis", "/var/log/redis", "/run/redis"):
            changed = changed.replace(folder, str(tmp_path))
        (tmp_path / "redis.conf").write_text(f"{changed}\ninclude {ours}\n")
        options = [str(tmp_path / "redis.conf")]
    env = system_environment() | libraries("redis")

    with Process([program("redis", "usr/bin/redis-server"), *options], env, cwd=tmp_path, logs=tmp_path):
        until((tmp_path / "appendonlydir").is_dir, within=30, saying="the append-only file is there")

    assert not (ROOT / "appendonlydir").exists()


def test_a_message_goes_out_by_tls_with_a_user_of_its_own(house: House) -> None:
    house.confirm(house.book("TLS-1", phone="+14155550301"))

    house.until_settled("TLS-1", sms="delivered", email="sent")
    assert "rediss" not in house.flask("doctor", check=False).replace("rediss://", "")


def test_by_plain_rediss_a_stranger_is_told_nothing(house: House, redis: RealRedis) -> None:
    said = Process(
        [*house.worker.command[:1], "-m", "flask", "--app", "wsgi", "doctor"], house.env | {"REDIS_URL": redis.address},
        name="doctor", logs=house.folder,
    )  # fmt: skip
    with said:
        until(lambda: not said.is_running, within=120, saying="doctor has ended")
    assert "certificate of Redis is not trusted" in said.output()
    assert "Traceback" not in said.output()


def test_a_demoted_master_costs_a_pause(house: House) -> None:
    refusals.demote(house)
    refusals.is_patient(house, begin="This Redis is a read-only replica.")
    assert house.confirm(house.book("COPY-2", phone="+14155550302")).status == 200

    refusals.promote(house)

    house.until_settled("COPY-2", sms="delivered")
