"""Bellhop: `create_app` puts the rooms together."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

VERSION = "0.1.0"

# The version stands before these: the rooms may ask for it.
from webapp import api, cli, database, extensions, logs, routes, security, templating  # noqa: E402
from webapp.channels import registry  # noqa: E402
from webapp.database import admission, waits  # noqa: E402
from webapp.database.waits import Waits  # noqa: E402
from webapp.errors import NotReady  # noqa: E402
from webapp.extensions import db  # noqa: E402
from webapp.logs import request_id  # noqa: E402
from webapp.services.business import stored  # noqa: E402
from webapp.services.delivery.sandbox import DatabaseStore  # noqa: E402
from webapp.settings import ROOT, Settings, load  # noqa: E402

__all__ = ["VERSION", "create_app"]


def create_app(settings: Settings | None = None, bounds: Waits = waits.WEB) -> Flask:
    """Make the Flask app of web, worker and commands, in any state of settings and database, with its waits' bounds."""
    settings = settings or load()
    logs.set_up(settings)
    _make_data_dir(settings)
    app = Flask("webapp", root_path=str(ROOT), static_folder="static", template_folder="templates")
    app.config.update(
        SETTINGS=settings,
        VERSION=VERSION,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=waits.engine_options(settings.database, bounds),
        SEND_FILE_MAX_AGE_DEFAULT=3600,  # Font and icons; styles and scripts carry their version.
        MAIL_DEFAULT_SENDER=settings.mail_default_sender or None,
    )
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    request_id.set_up(app, settings)  # First, so that a refused request has its id.
    db.init_app(app)
    with app.app_context():
        database.prepare(app, bounds)
    admission.set_up(app)  # Before anything looks up the user.
    extensions.migrate.init_app(app, db, directory=str(ROOT / "webapp" / "migrations"))
    for extension in (extensions.csrf, extensions.htmx, extensions.limiter, extensions.mail):
        extension.init_app(app)
    security.set_up(app, settings)
    stored.set_up(app)
    templating.set_up(app)
    app.extensions["channels"] = registry.both(settings, DatabaseStore())
    routes.set_up(app, api.problem)
    for called in (api.bp, api.bounces.bp):
        app.register_blueprint(called)
    cli.set_up(app)
    return app


def _make_data_dir(settings: Settings) -> None:
    """Make the database's folder, for its owner only.

    Raises:
        NotReady: the folder cannot be made.
    """
    if not settings.database.startswith("sqlite"):
        return
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise NotReady(f"DATA_DIR {settings.data_dir} cannot be used: {error.strerror}.") from None
