"""Signing in and out."""

import re
from urllib.parse import unquote

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.factories import PASSWORD, a_user
from webapp.database import writing
from webapp.extensions import limiter
from webapp.services.accounts import demo, passwords
from webapp.services.accounts import sign_in as people
from webapp.services.queue import banner

simulated = pytest.mark.settings(sms_provider="sandbox", whatsapp_provider="sandbox", email_provider="sandbox")


def sign_in(client: Browser, email: str, password: str = PASSWORD, **more: str):
    return client.act("/login", htmx=False, email=email, password=password, **more)


def test_a_page_asks_to_sign_in_and_comes_back_afterwards(client: Browser) -> None:
    user = a_user()

    asked = client.get("/bookings?status=pending")
    done = sign_in(client, user.email, next=unquote(asked.location.partition("next=")[2]))

    assert asked.status_code == 302 and "/login?next=" in asked.location
    assert done.status_code == 303 and done.location == "/bookings?status=pending"


def test_a_wrong_password_and_an_unknown_e_mail_get_the_same_answer(client: Browser) -> None:
    user = a_user()

    wrong, unknown = sign_in(client, user.email, "wrong"), sign_in(client, "nobody@desk.example")

    assert wrong.status_code == unknown.status_code == 422
    assert "Wrong e-mail or password" in wrong.text and "Wrong e-mail or password" in unknown.text


@simulated
def test_in_the_demo_one_click_signs_in_as_each_role(client: Browser) -> None:
    demo.seed()

    page = client.get("/login?next=/payments").text
    offered = re.findall(r'name="email" value="([^"]+)"', page)
    done = sign_in(client, offered[1], demo.PASSWORD, next="/payments")

    assert offered == [email for email, _, _ in demo.STAFF]
    assert re.findall(r'<button class="btn" type="submit">([^<]+)', page) == ["Front desk", "Manager", "Admin"]
    assert page.count('name="next" value="/payments"') == 4
    assert (done.status_code, done.location) == (303, "/payments")


@simulated
def test_demo_staff_who_are_gone_or_switched_off_are_not_offered(client: Browser) -> None:
    assert "Look around" not in client.get("/login").text
    demo.seed()
    with writing():
        people.by_email("admin@bellhop.example").is_enabled = False

    offered = re.findall(r'name="email" value="([^"]+)"', client.get("/login").text)

    assert offered == ["desk@bellhop.example", "manager@bellhop.example"]


def test_where_guests_are_real_no_demo_sign_in_is_offered(client: Browser) -> None:
    demo.seed()

    assert "Look around" not in client.get("/login").text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example/", "https://evil.example",
        "/\\evil.example", "javascript:1", "\\\\evil.example", "evil.example",
        "/\n/evil.example", "/\t/evil.example", "/bookings\r\nSet-Cookie: a=b", "/bookings\n", "\n//evil.example",
        " //evil.example", "/bookings\x00", "/bookings\x7f", "/bookings\u2028", "///evil.example", "",
        "data:text/html,1", "?next=1", "/" + "a" * 2001, "/bookings\\..\\x",
    ],
)  # fmt: skip
def test_it_never_leads_to_another_site_and_never_fails(client: Browser, elsewhere: str) -> None:
    done = sign_in(client, a_user().email, next=elsewhere)

    assert (done.status_code, done.location) == (303, "/")


@pytest.mark.parametrize(
    "ours", ["/bookings?q=Jos%C3%A9&status=pending", "/payments#payment-3", "/bookings?q=a//b:c@d"]
)
def test_it_leads_back_to_every_page_of_ours(client: Browser, ours: str) -> None:
    assert sign_in(client, a_user().email, next=ours).location == ours


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client: Browser) -> None:
    cookie = sign_in(client, a_user().email).headers["Set-Cookie"]

    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" in cookie  # PUBLIC_URL is https.


def test_an_expired_session_tells_htmx_to_go_to_the_sign_in(client: Browser) -> None:
    answer = client.get("/bookings", headers={"HX-Request": "true"})

    assert answer.status_code == 401 and answer.headers["HX-Redirect"].startswith("/login") and answer.text == ""


def test_a_form_without_its_token_is_refused(front_desk: Browser) -> None:
    assert front_desk.post("/logout").status_code == 403


def test_signing_out_ends_the_session(front_desk: Browser) -> None:
    front_desk.act("/logout", htmx=False)

    assert front_desk.get("/bookings").status_code == 302


def test_a_new_password_ends_all_sessions(front_desk: Browser) -> None:
    people.set_password(front_desk.user.email, "another password")  # type: ignore[attr-defined]

    assert front_desk.get("/bookings").status_code == 302


def test_guessing_is_slowed_down(app: Flask, client: Browser) -> None:
    limiter.enabled = True

    answers = [sign_in(client, "nobody@desk.example", "guess").status_code for _ in range(21)]

    assert answers[:20] == [422] * 20 and answers[20] == 429


def test_a_demo_sign_in_is_refused_where_real_guests_are_reached(client: Browser) -> None:
    user = a_user(is_demo=True)

    refused = sign_in(client, user.email)

    assert refused.status_code == 403 and "demo sign-in" in refused.text


def test_every_page_says_when_nothing_takes_messages_off_the_queue(front_desk: Browser) -> None:
    banner.forget()

    assert "Messages are not going out at the moment" in front_desk.get("/bookings").text


def test_every_answer_carries_the_policy(client: Browser) -> None:
    headers = client.get("/login").headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'") and headers["X-Frame-Options"] == "DENY"


def test_an_act_after_the_session_ended_asks_to_sign_in(front_desk: Browser) -> None:
    front_desk.delete_cookie("bellhop", domain="localhost", path="/")
    front_desk.csrf_token = "of the session that ended"

    act = front_desk.act("/bookings/BK-1/confirmation")
    form = front_desk.act("/bookings/BK-1/confirmation", htmx=False)

    assert act.status_code == 401 and act.headers["HX-Redirect"].startswith("/login")
    assert form.status_code == 302 and form.location.startswith("/login")


def test_the_first_letter_typed_lands_in_the_form(client: Browser) -> None:
    """Without it the first characters of an address are lost, at the start of each shift."""
    page = client.get("/login").text
    again = sign_in(client, "rosa@desk.example", "wrong").text

    assert re.search(r'id="email"[^>]*autofocus', page) and page.count("autofocus") == 1
    assert re.search(r'id="password"[^>]*autofocus', again) and again.count("autofocus") == 1


def test_the_address_is_filled_in_after_a_password_was_chosen(client: Browser) -> None:
    link = passwords.link_for(a_user(email="kim@desk.example"))
    client.act(f"/password/{link.token}", htmx=False, password="four words put together")

    page = client.get("/login").text

    assert 'value="kim@desk.example"' in page and re.search(r'id="password"[^>]*autofocus', page)


@pytest.mark.settings(business_name="Harbour Tours")
def test_the_page_names_the_business(client: Browser) -> None:
    page = client.get("/login").text

    assert "<title>Sign in – Harbour Tours</title>" in page and ">Harbour Tours</span>" in page
