"""The help page, for an admin who has no repository."""

from tests.conftest import Browser

SECTIONS = ("Verification", "Monitoring", "Troubleshooting", "Monitoring checklist")


def test_an_admin_reads_the_guides_lines_with_links_to_their_answers(admin: Browser) -> None:
    page = admin.get("/queue/help").text

    for title in SECTIONS:
        assert f">{title}</h2>" in page
    assert "inspect registered</code>" in page and '<a href="/queue/doctor">/queue/doctor</a>' in page
    assert '<a href="/messages/&lt;id&gt;">' not in page and "<code>/metrics</code>" in page


def test_it_is_linked_from_the_queue(admin: Browser) -> None:
    assert 'href="/queue/help"' in admin.get("/queue").text


def test_it_is_for_admins(manager: Browser) -> None:
    assert manager.get("/queue/help").status_code == 403


def test_the_page_says_where_the_rest_is(admin: Browser) -> None:
    assert "docs/operations.md" in admin.get("/queue/help").text
