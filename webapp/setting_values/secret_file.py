"""The secret that `make run` stores, so that a restart ends no session."""

import os
import secrets
from pathlib import Path


def keep_secret(data_dir: Path) -> None:
    """Create `secret.key` for later starts, readable by its owner only, if there is none."""
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(data_dir / "secret.key", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
