"""The callers: programs with a Bearer key. Any key may make any call."""

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from webapp.services.accounts import api_keys
from webapp.services.audit import Actor
from webapp.services.idempotency import Held


def authenticate() -> None:
    """Find the caller by the key.

    Raises:
        Unauthorized: there is no key, or it is not in use.
    """
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise _refusal("Send your API key in the header Authorization: Bearer …")
    key = api_keys.find(given.token)
    if key is None:
        raise _refusal("This API key is not in use here.", error="invalid_token")
    # Plain values: the row expires with the first write transaction.
    g.api_key_id, g.api_key_name = key.id, key.name


def _refusal(sentence: str, **parameters: str | None) -> Unauthorized:
    return Unauthorized(sentence, www_authenticate=WWWAuthenticate("bearer", {"realm": "Bellhop", **parameters}))


def caller() -> Actor:
    """Returns the program as an actor. It cannot undo, so its messages are due at once."""
    held: Held | None = g.get("held")
    return Actor(f"API {g.api_key_name}", form_key=held.form_key if held else None)
