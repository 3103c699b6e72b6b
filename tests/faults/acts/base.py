"""What a scenario is: one request that does something, of rows of its own."""

import io
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from webapp.models import User
from webapp.services.audit import Actor

numbers = itertools.count(1)
ROSA = Actor("Rosa", may_undo=True)


@dataclass(frozen=True)
class Post:
    """One request that does something."""

    url: str
    form: dict[str, Any] = field(default_factory=dict)
    json: dict[str, Any] | None = None  # For the API.
    file: tuple[bytes, str] | None = None  # What a form uploads, with its name.
    raw: bytes | None = None  # For programs that hand in something else.
    signature: str = ""  # Twilio's.
    person: User | None = None  # Who posts it, where it is no admin; nobody's where `is_public`.
    is_public: bool = False
    # What goes on by itself afterwards, such as a duty of the housekeeper.
    later: Callable[[], object] = lambda: None

    def fields(self) -> dict[str, Any]:
        """The form as it is posted: an uploaded file is read once, so each post has its own."""
        return self.form | ({"file": (io.BytesIO(self.file[0]), self.file[1])} if self.file else {})


Scenario = Callable[[], Post]


def key() -> dict[str, str]:
    """The key of a form, by which its repeat is known."""
    return {"form_key": secrets.token_hex(16)}
