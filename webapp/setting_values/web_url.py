"""Reads web addresses: our own, a provider's, a chat's."""

from urllib.parse import urlsplit

from webapp.setting_values import Unusable


def check(text: str, *, may_have_path: bool = True) -> str:
    """Returns the address, or "" for none.

    Raises:
        Unusable: the message says what is wrong.
    """
    if not text:
        return ""
    if not text.isprintable() or " " in text:
        raise Unusable("it has a space, or a character that cannot be printed")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise Unusable("it cannot be read as an address") from None
    if parts.scheme not in ("http", "https"):
        raise Unusable("it must begin with https:// or http://")
    try:
        is_port = parts.port != 0
    except ValueError:
        is_port = False
    if not is_port:
        raise Unusable("its port must be a number from 1 to 65535")
    if not is_host(parts.hostname or ""):
        raise Unusable("it names no host that could exist")
    if parts.username is not None or (not may_have_path and (parts.query or parts.fragment)):
        raise Unusable("it must be a plain address, such as https://desk.example.com")
    return text


def is_host(name: str) -> bool:
    """Returns whether a text can be the name or the address of a machine."""
    if not name or any(char in name for char in "/@?#,;\\ '\"<>"):
        return False
    try:
        return bool(name.encode("idna"))
    except UnicodeError:
        return False
