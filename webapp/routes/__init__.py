"""Pages and acts. Each blueprint has one subject and one role; `set_up` registers them all."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from flask import Blueprint, Flask
from werkzeug.routing import IntegerConverter, Map

from webapp.routes import error_pages
from webapp.services.parsing.fields import BIGGEST_ID


class RowConverter(IntegerConverter):
    """`<row:…>` in a URL: an id that fits its column."""

    regex = r"\d{1,19}"  # Longer numbers are found by no method.

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=BIGGEST_ID)


def set_up(app: Flask, problem: error_pages.Problem) -> None:
    """Register every blueprint and the error pages."""
    app.url_map.converters["row"] = RowConverter
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    error_pages.set_up(app, problem)


def blueprints() -> Iterator[Blueprint]:
    """Yield the `bp` of each module here that has one."""
    for found in pkgutil.walk_packages(__path__, f"{__name__}."):
        blueprint = getattr(import_module(found.name), "bp", None)
        if isinstance(blueprint, Blueprint):
            yield blueprint
