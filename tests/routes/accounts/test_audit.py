"""The audit log's page: its filters are in its address."""

from typing import Any

import pytest

from tests.factories import a_booking
from webapp.services import bookings
from webapp.services.audit import BELLHOP
from webapp.services.audit import log as audit_log


def test_an_act_is_shown_with_what_it_changed_and_its_booking(admin: Any) -> None:
    bookings.decline(a_booking(reference="BK-77"), by=BELLHOP, reason="<b>Full</b>")

    page = admin.get("/admin/audit").text

    assert "Declined this booking" in page and 'href="/bookings/BK-77"' in page
    assert "<bdi>Pending</bdi>" in page and "<bdi>Declined</bdi>" in page and "&lt;b&gt;Full&lt;/b&gt;" in page


def test_filters_stay_chosen_and_go_on_to_the_next_page(admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "PAGE", 1)
    for reference in ("BK-77", "BK-78"):
        bookings.decline(a_booking(reference=reference), by=BELLHOP)

    page = admin.get("/admin/audit?act=booking_declined&booking=BK-7").text

    assert 'value="booking_declined" selected' in page and 'value="BK-7"' in page
    assert "act=booking_declined&amp;booking=BK-7" in page and "BK-78" in page and "BK-77" not in page


def test_nothing_found_offers_to_clear_the_filters(admin: Any) -> None:
    page = admin.get("/admin/audit?booking=NOBODY").text

    assert "No actions match" in page and "Clear filters" in page


@pytest.mark.parametrize("query", ["who=x", "who=99999999999999999999", "from=soon&to=x", "before=x", "after=-1"])
def test_an_address_that_was_mistyped_is_no_error(admin: Any, query: str) -> None:
    assert admin.get(f"/admin/audit?{query}").status_code == 200
