"""Reading a request into a shape, or saying what is wrong with it: 400 not JSON, 415 not called JSON, 422 the rest."""

import json
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from webapp.errors import Invalid, NotFound
from webapp.services.parsing import fields

Shape = TypeVar("Shape", bound=BaseModel)
WORDS = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field in this call.",
    "string_unicode": "Lone surrogates cannot be taken.",
    "model_type": "This must be an object.",
}


def check_address() -> None:
    """Refuse addresses that name nothing that could exist, before anything is looked up.

    Raises:
        NotFound: the reference or the id is of no possible form.
    """
    named = request.view_args or {}
    if not fields.is_reference(named.get("reference", "-")):
        raise NotFound("There is no booking of that reference.")
    if not fields.row_id(named.get("message_id", "1")):
        raise NotFound("There is no message of that id.")


def read(shape: type[Shape]) -> Shape:
    """Read the body; where every field may be left out, so may the body.

    Raises:
        BadRequest: it is not JSON.
        UnsupportedMediaType: it is, but is called something else.
        Invalid: it is JSON of another shape.
    """
    body = request.get_data()
    needed = any(field.is_required() for field in shape.model_fields.values())
    return fit(shape, {} if not body and not needed else _json(body))


def read_query(shape: type[Shape]) -> Shape:
    """Read the part of the address after the question mark.

    Raises:
        Invalid: it names what is not known.
    """
    return fit(shape, request.args.to_dict())


def _json(body: bytes) -> Any:
    try:
        content = json.loads(body.decode())
    except (ValueError, RecursionError) as unreadable:
        raise BadRequest("The body is not JSON in UTF-8.") from unreadable
    if request.mimetype and not request.is_json:
        raise UnsupportedMediaType("Send the body with the header Content-Type: application/json.")
    return content


def fit(shape: type[Shape], content: Any) -> Shape:
    try:
        return shape.model_validate(content)
    except ValidationError as wrong:
        fields: dict[str, str] = {}
        for error in wrong.errors(include_url=False, include_input=False):
            place = ".".join(str(part) for part in error["loc"]) or "body"
            sentence = error["msg"].removeprefix("Value error, ").rstrip(".") + "."
            fields.setdefault(place, WORDS.get(error["type"], sentence))
        many = f"{len(fields)} fields do" if len(fields) > 1 else "One field does"
        raise Invalid(f"{many} not fit this call; errors names what is expected.", fields=fields) from wrong
