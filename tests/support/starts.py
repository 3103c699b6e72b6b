"""Start web, worker and commands once for each of many environments: python -m tests.support.starts < CASES > ANSWERS.

What they import takes two seconds each time; here it is imported once, and each start is a fork of that. A case is an
environment; its answer has for each program how it ended and what it said.
"""

import importlib
import json
import os
import runpy
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

PATIENCE = 40.0  # Seconds; one that runs longer was not refused.


def _web() -> None:
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"]
    run()


def _worker() -> None:
    sys.argv = ["celery_worker.py"]
    runpy.run_path("celery_worker.py", run_name="__main__")


def _flask(*words: str) -> None:
    from flask.cli import main

    os.environ["FLASK_RUN_FROM_CLI"] = "true"
    sys.argv = ["flask", "--app", "wsgi", *words]
    main()


PROGRAMS: dict[str, Callable[[], None]] = {
    "web": _web,
    "worker": _worker,
    "doctor": lambda: _flask("doctor"),
    "command": lambda: _flask("create-api-key", "site"),
}


def _run(program: Callable[[], None]) -> None:
    """Be that program, as if it had just been started."""
    code: object = 0
    try:
        program()
    except SystemExit as ending:
        code = ending.code
    if isinstance(code, str):
        print(code, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def start(name: str, env: Mapping[str, str]) -> dict[str, object]:
    """Start one, and wait for its end."""
    with tempfile.TemporaryFile() as said:
        if not (pid := os.fork()):
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            os.environ.clear()
            os.environ.update(env)
            try:
                _run(PROGRAMS[name])
            except BaseException:  # noqa: BLE001  # A child must never go on as its parent.
                sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
                sys.stderr.flush()
                os._exit(70)
        code = _wait(pid)
        said.seek(0)
        return {"code": code, "said": said.read().decode(errors="replace")}


def _wait(pid: int) -> int | None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return None


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    for name in ("celery.bin.worker", "celery.worker", "gunicorn.app.wsgiapp", "tasks.housekeeper", "webapp"):
        importlib.import_module(name)
    cases = json.load(sys.stdin)
    json.dump([{name: start(name, case) for name in PROGRAMS} for case in cases], sys.stdout)
