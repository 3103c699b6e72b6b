"""What can go wrong, drawn once. The text of each error is a sentence fit for the screen.

BellhopError
├── NotReady              web or worker must not start; says what to do
├── Invalid               what was typed cannot be taken; `fields` maps a field to its sentence
│   └── TooLarge          a file of more than is taken at once
├── Full                  as much is kept as is kept; later there is room again
├── Away                  the database does not answer, is read-only, or its disk is full
├── NotFound              no such booking, payment, message
├── Conflict              the state forbids it, or somebody else was first
│   ├── Outrun            another person changed the row in between
│   ├── Taken             a reference or e-mail that exists already
│   ├── Twin              the same payment, recorded a moment ago
│   └── Repeated          a form that was sent before, with something else in it
└── NotAllowed            the role does not permit it
"""

from collections.abc import Mapping

from webapp.faults import Fault


class BellhopError(Exception):
    """Root of all errors that a person may read."""

    status = 500
    title = "Something went wrong"

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.title)
        self.sentence = sentence or self.title


class NotReady(BellhopError):
    status = 503
    title = "Bellhop is not ready to start"


class Invalid(BellhopError):
    status = 422
    title = "Please check what was entered"

    def __init__(self, sentence: str = "", *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence or "; ".join((fields or {}).values()))
        self.fields = dict(fields or {})


class TooLarge(Invalid):
    status = 413
    title = "That is too large"


class Full(BellhopError):
    status = 503
    title = "There is no room"


class Away(BellhopError):
    status = 503

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.advice)
        self.fault, self.title = fault, fault.title


class NotFound(BellhopError):
    status = 404
    title = "There is nothing here"


class Conflict(BellhopError):
    status = 409
    title = "That cannot be done now"


class Outrun(Conflict):
    title = "Somebody else was first"


class Taken(Conflict):
    title = "That exists already"


class Repeated(Conflict):
    title = "This form was sent before"


class Twin(Conflict):
    title = "This was recorded already"


class NotAllowed(BellhopError):
    status = 403
    title = "Your role does not permit this"
