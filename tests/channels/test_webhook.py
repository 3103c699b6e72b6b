"""A chat's webhook over the wire: told once, bounded in time, never redirected, and its secret address kept."""

from collections.abc import Iterator

import pytest

from tests.support.network.listener import Listener, listening
from tests.support.network.ports import free_port
from webapp.channels import webhook


@pytest.fixture
def chat() -> Iterator[Listener]:
    """A chat that listens."""
    with listening() as listener:
        yield listener


def test_the_text_is_posted_as_slack_takes_it(chat: Listener) -> None:
    assert webhook.post(chat.url, "No worker <is> running & more\nSince 14:05") == ""

    assert chat.posts == [{"text": "No worker &lt;is&gt; running &amp; more\nSince 14:05"}]


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_refusal_is_told_without_the_secret_address(chat: Listener, status: int) -> None:
    chat.status = status

    assert webhook.post(chat.url, "Hello") == f"It answered {status}."


def test_a_redirect_is_not_followed(chat: Listener) -> None:
    chat.status = 307

    assert "redirects are not followed" in webhook.post(chat.url, "Hello")
    assert chat.paths == ["/hook/secret"]


def test_nobody_there_is_told_in_words() -> None:
    said = webhook.post(f"http://127.0.0.1:{free_port()}/hook/secret", "Hello")

    assert "could not be reached" in said and "secret" not in said


@pytest.mark.parametrize("how", ["hangs", "drips"])
def test_a_server_that_never_ends_is_cut_at_the_deadline(
    chat: Listener, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(webhook, "TOTAL_SECONDS", 0.4)
    setattr(chat, how, True)

    assert webhook.post(chat.url, "Hello") == "It took the call, but gave no whole answer in time."


def test_an_address_that_is_none_is_told() -> None:
    assert "could not be reached" in webhook.post("hooks.example/secret", "Hello")
