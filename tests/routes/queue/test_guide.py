"""The guide's lines on a page, for an admin who has no repository."""

import pytest

from tests.conftest import Browser
from webapp.services.queue import guide


def test_an_admin_reads_the_guides_lines_with_links_to_their_answers(admin: Browser) -> None:
    page = admin.get("/queue/help").text

    for title in guide.SECTIONS:
        assert f">{title}</h2>" in page
    assert "inspect registered</code>" in page and '<a href="/queue/doctor">/queue/doctor</a>' in page
    assert '<a href="/messages/&lt;id&gt;">' not in page and "<code>/metrics</code>" in page


def test_it_is_linked_from_the_queue(admin: Browser) -> None:
    assert 'href="/queue/help"' in admin.get("/queue").text


def test_it_is_for_admins(manager: Browser) -> None:
    assert manager.get("/queue/help").status_code == 403


def test_without_the_file_the_page_says_where_it_is(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guide, "_text", lambda: "")

    assert "docs/operations.md" in admin.get("/queue/help").text


def test_the_marks_of_the_text_become_what_they_mean() -> None:
    row = (
        "## Verification\n\n| the guide says | here |\n|---|---|\n| *ask* `KEYS *` | see [this](a.md), `/queue` <b> |\n"
    )
    [answer] = guide._answers(row, lambda address: address == "/queue")

    assert [(p.kind, p.words) for p in answer.asked] == [("strong", "ask"), ("text", " "), ("code", "KEYS *")]
    assert [(p.kind, p.words) for p in answer.here] == [
        ("text", "see "), ("text", "this"), ("text", ", "), ("page", "/queue"), ("text", " <b>"),
    ]  # fmt: skip
