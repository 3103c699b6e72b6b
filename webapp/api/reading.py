"""Reads a request into a shape. Errors: 400 if it is not JSON, 415 if its type is not JSON, 422 for the rest."""

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
    """Refuse addresses whose reference or id cannot exist, before any look-up.

    Raises:
        NotFound: the reference or the id is of no possible form.
    """
    named = request.view_args or {}
    if not fields.is_reference(named.get("reference", "-")):
        raise NotFound("There is no booking of that reference.")
    if not fields.row_id(named.get("message_id", "1")):
        raise NotFound("There is no message of that id.")


def read(shape: type[Shape]) -> Shape:
    """Read the body. It may be empty if all of its fields are optional.

    Raises:
        BadRequest: it is not JSON.
        UnsupportedMediaType: it is JSON of another declared type.
        Invalid: it is JSON of another shape.
    """
    body = request.get_data()
    needed = any(field.is_required() for field in shape.model_fields.values())
    return fit(shape, {} if not body and not needed else _json(body))


def read_query(shape: type[Shape]) -> Shape:
    """Read the part of the address after the question mark.

    Raises:
        Invalid: it has an unknown name or a wrong value.
    """
    return fit(shape, request.args.to_dict())


def _json(body: bytes) -> Any:
    try:
        content = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON in UTF-8.") from error
    if request.mimetype and not request.is_json:
        raise UnsupportedMediaType("Send the body with the header Content-Type: application/json.")
    return content


def fit(shape: type[Shape], content: Any) -> Shape:
    try:
        return shape.model_validate(content)
    except ValidationError as invalid:
        fields: dict[str, str] = {}
        for error in invalid.errors(include_url=False, include_input=False):
            place = ".".join(str(part) for part in error["loc"]) or "body"
            sentence = error["msg"].removeprefix("Value error, ").rstrip(".") + "."
            fields.setdefault(place, WORDS.get(error["type"], sentence))
        many = f"{len(fields)} fields do" if len(fields) > 1 else "One field does"
        raise Invalid(f"{many} not fit this call; errors names what is expected.", fields=fields) from invalid
