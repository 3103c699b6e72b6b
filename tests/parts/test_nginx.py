"""Debian's nginx with deploy/nginx/bellhop.conf: https, HSTS, forged addresses, and a scrape through it."""

import json
import re
from pathlib import Path
from subprocess import run
from urllib.parse import urlencode

from tests.parts.debian import program
from tests.parts.servers import Nginx, Prometheus
from tests.support.house import House
from tests.support.processes import ROOT
from tests.support.waiting import until


def test_the_file_passes_nginxs_own_check(nginx: Nginx) -> None:
    done = run([*nginx.command[:-2], "-t"], env=nginx.env, capture_output=True, text=True, timeout=30, check=False)

    assert done.returncode == 0, done.stderr
    assert "successful" in done.stderr and "[warn]" not in done.stderr


def test_pages_come_by_https_and_browsers_are_told_to_keep_to_it(nginx: Nginx) -> None:
    status, headers, page = nginx.get("/login")

    assert status == 200 and 'name="csrf-token"' in page
    assert headers["Strict-Transport-Security"] == "max-age=86400"
    assert "Secure" in headers["Set-Cookie"] and "HttpOnly" in headers["Set-Cookie"]


def test_a_forged_address_does_not_lift_the_limit_of_tries(nginx: Nginx) -> None:
    _, headers, page = nginx.get("/login")
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]  # type: ignore[index]
    form = urlencode({"csrf_token": token, "email": "a@b.example", "password": "wrong"}).encode()
    cookie = headers["Set-Cookie"].partition(";")[0]

    tried = [
        nginx.get(
            "/login", data=form, Cookie=cookie, X_Forwarded_For=f"203.0.113.{n}", Referer="https://desk.example.com/"
        )[0]
        for n in range(60)
    ]

    assert tried[-1] == 429, tried


def test_metrics_through_nginx_want_a_key(nginx: Nginx, house: House) -> None:
    assert nginx.get("/metrics", X_Forwarded_For="127.0.0.1")[0] == 403
    status, _, text = nginx.get("/metrics", Authorization=f"Bearer {house.key}")
    assert status == 200 and "bellhop_redis_up" in text


def test_promtool_finds_nothing_wrong(nginx: Nginx, house: House, tmp_path: Path) -> None:
    prometheus = Prometheus(tmp_path, nginx, house.key)
    promtool = program("prometheus", "usr/bin/promtool")
    checks = [["check", "config", str(prometheus.conf)],
              ["check", "rules", str(ROOT / "deploy" / "prometheus" / "bellhop.rules.yml")]]  # fmt: skip

    for check in checks:
        done = run([promtool, *check], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    metrics = nginx.get("/metrics", Authorization=f"Bearer {house.key}")[2]
    done = run([promtool, "check", "metrics"], input=metrics, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_real_prometheus_scrapes_through_nginx_and_its_rules_evaluate(
    nginx: Nginx, house: House, tmp_path: Path
) -> None:
    with Prometheus(tmp_path, nginx, house.key) as prometheus:

        def scraped() -> bool:
            answer = json.loads(prometheus.ask("/api/v1/query?query=bellhop_redis_up"))
            return [series["value"][1] for series in answer["data"]["result"]] == ["1"]

        until(scraped, within=60, saying="Prometheus has read that Redis is up")
        rules = json.loads(prometheus.ask("/api/v1/rules"))["data"]["groups"]

    assert rules and all(rule["health"] != "err" for group in rules for rule in group["rules"])
