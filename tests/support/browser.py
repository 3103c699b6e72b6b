"""Finding the distribution's Chromium, or installing it: `python -m tests.support.browser`."""

import os
import shutil
import subprocess
import sys

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = "chromium fonts-inter fonts-noto-core fonts-noto-color-emoji"
LINE = f"apt-get update && apt-get install -y {PACKAGES}"
ADVICE = f"No Chromium was found. Install one (`sudo sh -c '{LINE}'`), or name yours in CHROMIUM."


class NoBrowserError(RuntimeError):
    """There is no Chromium, and it could not be installed; the text has the line that does it."""


def chromium_path(*, install: bool = False) -> str:
    """Return the path of Chromium; with `install`, as root and where apt-get is, install it first.

    Raises:
        NoBrowserError: there is none.
    """
    found = _find()
    if not found and install and _may_install():
        _install()
        found = _find()
    if not found:
        raise NoBrowserError(ADVICE)
    return found


def _find() -> str:
    named = os.environ.get("CHROMIUM", "")
    usual = (shutil.which(name, path=f"/usr/bin{os.pathsep}{os.environ.get('PATH', '')}") for name in NAMES)
    return shutil.which(named) or "" if named else next(filter(None, usual), "")


def _may_install() -> bool:
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def _install(seconds: float = 600) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        # In a session of its own and bounded: a stuck mirror must not hold up the tests for ever.
        subprocess.run(
            ["timeout", "--kill-after=10", str(int(seconds)), "sh", "-c", LINE], env=env, check=True, stdout=sys.stderr
        )
    except (OSError, subprocess.CalledProcessError) as failed:
        raise NoBrowserError(f"{ADVICE} (Installing it here failed: {failed}.)") from failed


def main() -> int:
    """Print the path, or the line that installs it and fail."""
    try:
        print(chromium_path(install=True))
    except NoBrowserError as none:
        print(none, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
