"""Error pages: a page for browsers, a toast for HTMX, and a document for programs."""

from collections.abc import Callable

import structlog
from flask import Flask, Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webapp import faults, programs, security
from webapp.database import outcome
from webapp.database.outcome import Outcome
from webapp.errors import Away, BellhopError
from webapp.extensions import htmx
from webapp.faults import Fault
from webapp.i18n import N_, gettext
from webapp.logs import request_id
from webapp.routes.responses import sent

log = structlog.get_logger(__name__)
TITLES = {
    400: (N_("That could not be read"), N_("Go back, reload the page and try again.")),
    403: (N_("You may not do this"), N_("You cannot open this page with your role. Ask an admin if you need it.")),
    404: (N_("There is nothing here"), N_("The address may be mistyped, or the page is gone.")),
    405: (N_("That cannot be done this way"), N_("Go back and use the button on the page.")),
    413: (N_("That is too large"), N_("Send less than 1 MB at once.")),
    429: (N_("Too many tries"), N_("Wait a minute, then try again.")),
    500: (N_("Something went wrong"), N_("It was written to the log. Try again; tell an admin if it happens twice.")),
    503: (faults.AWAY.title, faults.AWAY.advice),
}
SAFE = ("GET", "HEAD", "OPTIONS")
DONE_AFRESH = N_("It was done. Its answer could not be shown, so you see the present state.")
SAID = {
    Outcome.NOTHING: N_("Nothing was changed."),
    Outcome.DONE: outcome.DONE_SENTENCE,
    Outcome.PERHAPS: outcome.PERHAPS_SENTENCE,
}


Problem = Callable[[Exception], ResponseReturnValue]


def set_up(app: Flask, problem: Problem) -> None:
    """Register the handlers. `problem` answers for the addresses that programs call."""

    def answer(kind: type[Exception], page: Callable[..., ResponseReturnValue]) -> None:
        def handle(error: Exception) -> ResponseReturnValue:
            return (problem if programs.is_calling() else page)(error)

        app.register_error_handler(kind, handle)

    answer(BellhopError, _ours)
    answer(CSRFError, _stale_form)
    for trouble in faults.TROUBLE:
        answer(trouble, _database)
    answer(HTTPException, _http)
    answer(Exception, _bug)


def _ours(error: BellhopError) -> ResponseReturnValue:
    if isinstance(error, Away):
        return _away(error.fault)
    return _page(error.status, gettext(error.title), gettext(error.sentence))


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    try:
        return _ask_again()
    except faults.TROUBLE as error:  # Raised here, it would reach no handler.
        return _database(error)


def _ask_again() -> ResponseReturnValue:
    # A session that ended takes its tokens with it: what is missing then is signing in.
    if not current_user.is_authenticated and request.endpoint != "auth.sign_in":
        answer: ResponseReturnValue = security.ask_to_sign_in()
        return answer
    page = security.page_of_act()
    if page and not htmx:  # The browser keeps what was typed as a draft.
        flash(gettext("You signed in again since you opened this form. Check it and send it again."), "error")
        return redirect(page, 303)
    sentence = gettext("You signed in again since you opened it. Go back, reload the page, and send it again.")
    return _page(403, gettext("This form has expired"), sentence)


def _database(error: Exception) -> ResponseReturnValue:
    fault = faults.of_error(error)
    if fault is None:
        return _bug(error)
    log.error("The database failed a request.", error=type(error).__name__, path=request.path)
    return _afresh() or _away(fault)


def _away(fault: Fault) -> ResponseReturnValue:
    """Say what is wrong with the database, without another query."""
    security.treat_as_nobody()
    sentence, title = _said(fault.advice), gettext(fault.title)
    answer = make_response(_page(503, title, f"{title}. {sentence}" if htmx else sentence))
    answer.headers["Retry-After"] = str(faults.RETRY_SECONDS)
    return answer


def what_became_of_it() -> str:
    """Returns a sentence on whether the failed act was done; empty for a request that only reads."""
    return "" if request.method in SAFE else gettext(SAID[outcome.tally().outcome])


def _said(advice: str) -> str:
    """Returns what became of the act and, if it was not done, what to do."""
    became = what_became_of_it()
    return f"{became} {gettext(advice)}".strip() if outcome.tally().outcome is Outcome.NOTHING or not became else became


def _afresh() -> ResponseReturnValue | None:
    """Send the browser to the page again if the act was done; returns None if it was not, or has no page.

    The address comes from the browser, so that the database, which has just failed, is not asked.
    """
    page = None if request.method in SAFE or outcome.tally().outcome is not Outcome.DONE else security.page_of_act()
    if page is None:
        return None
    sent()
    flash(gettext(DONE_AFRESH), "message")
    return Response("", 200, {"HX-Redirect": page}) if htmx else redirect(page, 303)


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    title, advice = TITLES.get(code, (error.name, ""))
    return _page(code, gettext(title), gettext(advice))


def _bug(error: Exception) -> ResponseReturnValue:
    log.error("A request failed by a fault of ours.", exc_info=error, path=request.path, method=request.method)
    if answer := _afresh():
        return answer
    title, advice = TITLES[500]
    return _page(500, gettext(title), _said(advice))


def _page(code: int, title: str, sentence: str) -> ResponseReturnValue:
    """Returns a whole page, or for HTMX a toast that stays."""
    if htmx:
        if code >= 500:
            number = gettext("Request id: %(id)s.", id=request_id.current())
            sentence = f"{sentence} {number}"
        toast = render_template("_toast.html", text=sentence, tone="bad", keep=True, oob=True)
        return toast, code, {"HX-Reswap": "none"}
    return render_template("errors/error.html", title=title, sentence=sentence, code=code), code
