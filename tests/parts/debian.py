"""Fetch Debian's own packages of the parts into .parts/, unpacked and not installed: python -m tests.parts.debian.

Nothing of this machine changes and nothing starts by itself. Exit 1 names every part that could not be had.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[2] / ".parts"
# A set is unpacked into a folder of its own. Prometheus is one program that needs no other package.
SETS = {
    "redis": ("redis-server", "redis-tools"),
    "nginx": ("nginx-light",),
    "prometheus": ("prometheus",),
    "pgbouncer": ("pgbouncer",),
    "postfix": ("postfix",),
    "exim": ("exim4-daemon-light", "libnss-wrapper"),
}
# A mail server hands out its work to other users; what nobody but root can try is said at each run.
ROOT_ONLY = {"postfix", "exim"}
ALONE = {"prometheus"}
PROGRAMS = {
    "redis": "usr/bin/redis-check-rdb",  # redis-server is a link to it.
    "nginx": "usr/sbin/nginx",
    "prometheus": "usr/bin/promtool",
    "pgbouncer": "usr/sbin/pgbouncer",
    "postfix": "usr/lib/postfix/sbin/master",
    "exim": "usr/sbin/exim4",
}


def fetch(name: str) -> str:
    """Fetch one set; why it cannot be had, or nothing."""
    folder = HOME / name
    if (folder / PROGRAMS[name]).is_file():
        return ""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return "this system has no apt-get and dpkg-deb"
    wanted = list(SETS[name]) if name in ALONE else _with_what_they_need(SETS[name])
    debs = folder / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    failure = _run("apt-get", "download", *wanted, cwd=debs)
    for deb in debs.glob("*.deb"):
        failure = failure or _run("dpkg-deb", "-x", str(deb), str(folder), cwd=debs)
    _lend_nobody_rights(folder)
    shutil.rmtree(debs, ignore_errors=True)
    return failure or ("" if (folder / PROGRAMS[name]).is_file() else f"no package brought {PROGRAMS[name]}")


def _lend_nobody_rights(folder: Path) -> None:
    """Exim comes with root's rights for whoever starts it: here nobody may have them."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and (mode := path.stat().st_mode) & 0o6000:
            path.chmod(mode & 0o1777)


def _with_what_they_need(packages: tuple[str, ...]) -> list[str]:
    """The packages and those of what they need that this system does not have."""
    command = ["apt-get", "-o", "Debug::NoLocking=1", "-s", "install", "--no-install-recommends", *packages]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=_plain()).stdout
    new = [line.split()[1] for line in said.splitlines() if line.startswith("Inst ")]
    return sorted({*new, *packages})


def _run(*command: str, cwd: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False, env=_plain()
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as failure:
        return f"{command[0]}: {type(failure).__name__}"
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it failed"])[-1]


def _plain() -> dict[str, str]:
    return os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}


def program(name: str, path: str) -> str:
    """Where a program of a set lies.

    Raises:
        AssertionError: it is missing; a part is never skipped silently.
    """
    found = HOME / name / path
    assert found.exists(), f"the part {name} is missing: {found}; run python -m tests.parts.debian"
    return str(found)


def libraries(name: str) -> dict[str, str]:
    """The environment in which a program of a set finds its libraries."""
    folders = list((HOME / name).glob("usr/lib/*-linux-gnu*"))
    return {"LD_LIBRARY_PATH": ":".join(map(str, folders))}


if __name__ == "__main__":
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], timeout=180, check=False, env=_plain())
    missing = {name: why for name in SETS if (why := fetch(name))}
    for name in SETS:
        print(f"{name:<11} {'MISSING: ' + missing[name] if name in missing else 'is there'}")
    if os.geteuid() != 0:
        for name in sorted(ROOT_ONLY):
            print(f"{name:<11} NOT TRIED: it needs root; its kept reports are in tests/channels/bounce/reports")
    sys.exit(1 if missing else 0)
