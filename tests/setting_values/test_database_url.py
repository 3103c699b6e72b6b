"""DATABASE_URL is refused in a sentence before anything connects by it."""

from pathlib import Path

import pytest

from webapp.setting_values import Unusable, database_url

WRONG = [
    ("oracle://u:Summer@h/d", "must look like"),
    ("mysql+pymysql://u:Summer@h/d", "must look like"),
    ("nonsense", "look like"),
    ("postgresql+psycopg2://u:Summer@h/d", "no other driver"),
    ("postgresql+asyncpg://u:Summer@h/d", "no other driver"),
    ("sqlite+aiosqlite:////x.db", "no other driver"),
    ("postgresql://u:Summer@h:54x2/d", "port"),
    ("postgresql://u:Summer@h:0/d", "port"),
    ("postgresql://u:Summer@h:65536/d", "port"),
    ("postgresql:u@h", "look like"),
    ("postgresql://u:Sum@mer@h/d", "percent-encoded"),
    ("postgresql://u:Summer@h/d?pgbouncer=true", "PgBouncer"),
    ("postgresql://u:Summer@h/d?ssl=true", "does not know"),
    ("postgresql://u:Summer\n@h/d", "printed"),
    ("sqlite://bellhop.db", "three slashes"),
    ("sqlite://", "must name a file"),
    ("sqlite:///:memory:", "must name a file"),
    ("sqlite:////no/such/folder/bellhop.db", "does not exist"),
    ("sqlite:////tmp", "is a folder"),
    ("sqlite:////tmp/x.db?mode=ro", "nothing may follow"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_a_url_that_cannot_be_used_is_refused_without_a_part_of_it(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable) as refused:
        database_url.read(text, data_dir=tmp_path)

    assert says in str(refused.value) and "Sum" not in str(refused.value)


@pytest.mark.parametrize(("text", "means"), [
    ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
    ("postgresql://u:p@h:5433/d", "postgresql+psycopg://u:p@h:5433/d"),
    ("postgresql+psycopg://u@/d?host=/run/postgresql", "postgresql+psycopg://u@/d?host=%2Frun%2Fpostgresql"),
    ("postgresql://u:p%23%40@[::1]/d?sslmode=require", "postgresql+psycopg://u:p%23%40@[::1]/d?sslmode=require"),
    ("postgresql:///d", "postgresql+psycopg:///d"),
])  # fmt: skip
def test_postgresql_is_reached_by_one_driver_whatever_it_is_called(text: str, means: str, tmp_path: Path) -> None:
    assert database_url.read(text, data_dir=tmp_path).render_as_string(hide_password=False) == means


def test_a_file_may_be_made_yet_and_so_may_the_data_folder(tmp_path: Path) -> None:
    assert database_url.read(f"sqlite:///{tmp_path}/new.db", data_dir=tmp_path).database == f"{tmp_path}/new.db"
    assert database_url.read(f"sqlite:///{tmp_path}/data/new.db", data_dir=tmp_path / "data").database
