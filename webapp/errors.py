"""The tree of errors. The text of each is a sentence for the screen.

BellhopError
├── NotReady              web or worker must not start; the sentence says what to do
├── Invalid               the input is wrong; `fields` maps a field to its sentence
│   └── TooLarge          the file is too large
├── Full                  no more can be stored now; there will be room later
├── Away                  the database does not answer, is read-only, or its disk is full
├── NotFound              no such booking, payment, message
├── Conflict              the state forbids it, or somebody else was first
│   ├── Outrun            another person changed the row in between
│   ├── Taken             the reference or e-mail exists already
│   ├── Twin              the same payment was recorded a moment ago
│   └── Repeated          the form was sent before, with other content
└── NotAllowed            the role does not permit it
"""

from collections.abc import Mapping

from webapp.faults import N_, Fault


class BellhopError(Exception):
    """The base of all errors that a person may read."""

    status = 500
    title = N_("Something went wrong")

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.title)
        self.sentence = sentence or self.title


class NotReady(BellhopError):
    status = 503
    title = "Bellhop is not ready to start"


class Invalid(BellhopError):
    status = 422
    title = N_("Please check what was entered")

    def __init__(self, sentence: str = "", *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence or "; ".join((fields or {}).values()))
        self.fields = dict(fields or {})


class TooLarge(Invalid):
    status = 413
    title = N_("That is too large")


class Full(BellhopError):
    status = 503
    title = N_("There is no room")


class Away(BellhopError):
    status = 503

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.advice)
        self.fault, self.title = fault, fault.title


class NotFound(BellhopError):
    status = 404
    title = N_("There is nothing here")


class Conflict(BellhopError):
    status = 409
    title = N_("That cannot be done now")


class Outrun(Conflict):
    title = N_("Somebody else was first")


class Taken(Conflict):
    title = N_("That exists already")


class Repeated(Conflict):
    title = N_("This form was sent before")


class Twin(Conflict):
    title = N_("This was recorded already")


class NotAllowed(BellhopError):
    status = 403
    title = N_("You may not do this")

    def __init__(self) -> None:
        super().__init__(N_("You cannot open this page with your role. Ask an admin if you need it."))
