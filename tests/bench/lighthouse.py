"""What does Lighthouse say of the pages that a desk lives in?

Budget: accessibility 100, best practices 100, performance at least 95 on a desktop and 90 on a phone, as the median of
three runs. The pages are those of a house of real processes with demo rows, asked as a signed-in member of staff.
"""

import json
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

import requests

from tests.bench import stage
from tests.bench.timing import Table
from tests.support import browser
from tests.support.house import House
from tests.support.processes import ROOT
from webapp.services.accounts.demo import PASSWORD

PAGES = {"today": "/", "bookings": "/bookings", "booking": "/bookings/BK-2389", "payments": "/payments"}
DEVICES = {"desktop": ["--preset=desktop"], "phone": []}
KINDS = ("performance", "accessibility", "best-practices")
LEAST = {"desktop": (95, 100, 100), "phone": (90, 100, 100)}
RUNS = 3
PATIENCE = 120


def main() -> None:
    """Ask for each page and device, three times."""
    stage.end_when_told()
    table = Table("Lighthouse, median of 3", ("page", "device", *KINDS, "budget", "what it found"))
    with stage.folder() as folder, House(folder, sandbox=True, undo_seconds=8) as house:
        house.flask("seed-demo")
        cookie = _sign_in(house.url)
        for name, path in PAGES.items():
            for device, options in DEVICES.items():
                runs = [_run(house.url + path, cookie, options, folder) for _ in range(RUNS)]
                scores = [round(statistics.median(run.scores[kind] for run in runs)) for kind in KINDS]
                found = ", ".join(sorted({fault for run in runs for fault in run.faults})) or "nothing"
                table.add(name, device, *scores, "/".join(map(str, LEAST[device])), found)
    table.show()


class Run:
    """One report: a score of 0 to 100 by kind, and what cost points in accessibility and best practices."""

    def __init__(self, report: dict[str, dict[str, dict[str, object]]]) -> None:
        kinds, audits = report["categories"], report["audits"]
        self.scores = {kind: float(str(kinds[kind]["score"] or 0)) * 100 for kind in KINDS}
        weighed = [ref["id"] for kind in KINDS[1:] for ref in kinds[kind]["auditRefs"] if ref["weight"]]  # type: ignore[attr-defined]
        self.faults = [name for name in weighed if audits[name]["score"] not in (1, None)]


def _run(url: str, cookie: str, options: list[str], folder: Path) -> Run:
    report = folder / "lighthouse.json"
    flags = " ".join(["--headless=new", *browser.ARGUMENTS])
    command = [
        str(ROOT / "node_modules" / ".bin" / "lighthouse"), url, "--quiet", *options,
        f"--only-categories={','.join(KINDS)}", "--output=json", f"--output-path={report}",
        f"--chrome-flags={flags}", f"--extra-headers={json.dumps({'Cookie': cookie})}",
    ]  # fmt: skip
    env = os.environ | {"CHROME_PATH": browser.chromium_path()}
    done = subprocess.run(command, check=False, env=env, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode:
        sys.exit(f"Lighthouse could not look at {url}: {done.stderr[-500:]}")
    return Run(json.loads(report.read_text()))


def _sign_in(url: str) -> str:
    """The session cookie of somebody at the front desk."""
    with requests.Session() as session:
        form = session.get(f"{url}/login", timeout=PATIENCE).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token, "the sign-in page has no CSRF token"
        told = {"csrf_token": token[1], "email": "desk@bellhop.example", "password": PASSWORD}
        session.post(f"{url}/login", data=told, timeout=PATIENCE).raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in session.cookies.items())


if __name__ == "__main__":
    main()
