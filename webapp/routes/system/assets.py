"""All styles in one file and all scripts in another: a page asks for two files, not for thirty."""

import gzip
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
def _joined(folder: Path, _stamp: float) -> tuple[bytes, bytes]:
    """Returns the files of a folder in their order, plain and packed. A new stamp reads changed files again."""
    names = (folder / "ORDER").read_text().split()
    body = b"\n".join((folder / name).read_bytes() for name in names)
    return body, gzip.compress(body, 9, mtime=0)


def _answer(kind: str, mimetype: str) -> Response:
    folder = ROOT / "static" / kind
    newest = max(path.stat().st_mtime for path in folder.iterdir())
    body, packed = _joined(folder, newest)
    squeeze = request.accept_encodings["gzip"] > 0
    response = Response(packed if squeeze else body, mimetype=mimetype)
    if squeeze:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(generate_etag(body) + ("-gz" if squeeze else ""))
    # The address has the version in it, so its content never changes.
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response.make_conditional(request)
    return response


@bp.get("/desk.css")
def css() -> Response:
    return _answer("css", "text/css")


@bp.get("/desk.js")
def js() -> Response:
    return _answer("js", "text/javascript")
