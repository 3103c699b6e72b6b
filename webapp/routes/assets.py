"""All styles in one file and all scripts in another, so that a page asks for two and not for thirty."""

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.http import generate_etag

from webapp.routes import access
from webapp.settings import ROOT

bp = Blueprint("assets", __name__, url_prefix="/assets")
access.public(bp)
A_YEAR = 31_536_000


@lru_cache
def _joined(folder: Path, stamp: float) -> bytes:
    names = (folder / "ORDER").read_text().split()
    return b"\n".join((folder / name).read_bytes() for name in names)


def _answer(kind: str, mimetype: str) -> Response:
    folder = ROOT / "static" / kind
    newest = max(path.stat().st_mtime for path in folder.iterdir())
    response = Response(_joined(folder, newest), mimetype=mimetype)
    response.set_etag(generate_etag(response.get_data()))
    # The address carries the version, so what is behind it never changes.
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response.make_conditional(request)


@bp.get("/desk.css")
def css() -> Response:
    return _answer("css", "text/css")


@bp.get("/desk.js")
def js() -> Response:
    return _answer("js", "text/javascript")
