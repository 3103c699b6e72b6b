"""The figures at the top of the delivery board, and their charts."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import unchanged_or
from webapp.services.figures import cards as figure_cards
from webapp.services.figures import charts as figure_charts
from webapp.services.figures import current as current_figures

bp = Blueprint("figures", __name__, url_prefix="/messages/figures")
access.require(bp, Role.MANAGER)
bp.add_app_template_filter(figure_cards.percent, "share")
bp.add_app_template_filter(figure_cards.wait, "wait")


@bp.get("")
def index() -> ResponseReturnValue:
    """Charts of the last day and month."""
    return render_template("figures/index.html", periods=figure_charts.get())


@bp.get("/now")
def now() -> ResponseReturnValue:
    """The figures alone: the page asks for them now and then."""
    return unchanged_or(render_template("figures/_figure_cards.html"))


@bp.app_template_global("board_figures")
def cards() -> tuple[list[figure_cards.Card], current_figures.Figures]:
    """Returns the cards and their figures: the board includes them, its route does not know them."""
    figures = current_figures.get()
    return figure_cards.now(figures), figures
