"""The addresses that programs call and no browser: their errors are documents, in English.

A blueprint declares itself by `access.for_programs`; one of the API by `security.for_programs`.
"""

from flask import has_request_context, request

_ADDRESSES: set[str] = set()


def add(*addresses: str) -> None:
    """Declare that programs call these addresses, and all that begin so."""
    _ADDRESSES.update(addresses)


def is_calling() -> bool:
    """Returns whether a program makes this request."""
    return has_request_context() and request.path.startswith(tuple(_ADDRESSES))
