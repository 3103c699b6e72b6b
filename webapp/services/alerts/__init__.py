"""Alerts: what is wrong, told once."""

from webapp.services.alerts.watch import Watch, lately_over, of_app, standing

__all__ = ["Watch", "lately_over", "of_app", "standing"]
