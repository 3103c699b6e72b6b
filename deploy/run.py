"""Start all of Bellhop on one machine: `make run`, or `.venv/bin/python deploy/run.py [--dev]`."""

import runpy
import sys
from pathlib import Path

# The repository's root, in place of this folder, is where imports start.
sys.path[0] = str(Path(__file__).resolve().parent.parent)
runpy.run_module("deploy.launcher", run_name="__main__")
