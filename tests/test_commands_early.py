"""Commands that come before the migration, or while the database is away: one sentence, exit 1, no traceback."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.support.processes import ROOT, environment
from tests.support.servers import Postgres

NOT_MIGRATED = "The database is not migrated: run flask --app wsgi db upgrade."
COMMANDS = {
    "create-user": ["create-user", "a@b.example", "--role", "admin", "--name", "A", "--password-stdin"],
    "set-password": ["set-password", "a@b.example", "--password-stdin"],
    "create-api-key": ["create-api-key", "site"],
    "set-whatsapp-template": ["set-whatsapp-template", "booking_confirmed", "en", "HX" + "0" * 32],
    "send-test": ["send-test", "--channel", "sms", "--to", "+14155550123"],
    "seed-demo": ["seed-demo"],
    "clear-demo": ["clear-demo"],
}


def flask(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(
        command, env=env, cwd=ROOT, input="a-long-password-of-mine\n", capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_before_the_migration_says_what_to_run(command: str, tmp_path: Path) -> None:
    done = flask(environment(data_dir=tmp_path / "data", sms_provider="sandbox"), *COMMANDS[command])

    assert (done.returncode, done.stderr.strip()) == (1, f"Error: {NOT_MIGRATED}")


def test_a_command_before_the_migration_says_so_on_postgresql_too(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.create_database("early")

    done = flask(environment(data_dir=tmp_path, database_url=url), *COMMANDS["create-api-key"])

    assert (done.returncode, done.stderr.strip()) == (1, f"Error: {NOT_MIGRATED}")


@pytest.mark.parametrize("words", [["db", "upgrade"], COMMANDS["create-api-key"]])
def test_with_the_database_away_there_is_one_sentence(words: list[str], tmp_path: Path) -> None:
    away = environment(data_dir=tmp_path, database_url="postgresql://desk:Summer@127.0.0.1:9/bellhop")

    done = flask(away, *words)

    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1 and "cannot be reached" in done.stderr
    assert "Summer" not in done.stderr + done.stdout and "Traceback" not in done.stderr + done.stdout


def test_a_role_that_may_not_make_tables_is_told_how(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.create_database("owned")
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
    with psycopg.connect(postgres.dsn("owned"), autocommit=True) as connection:
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")

    done = flask(environment(data_dir=tmp_path, database_url=url.replace("//postgres:@", "//guest@")), "db", "upgrade")

    assert done.returncode == 1
    assert "may not create tables" in done.stderr and "ALTER DATABASE" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    done = flask(environment(data_dir=tmp_path / "file" / "data"), *COMMANDS["create-api-key"])

    assert done.returncode == 1
    assert "DATA_DIR" in done.stderr and "Traceback" not in done.stderr
