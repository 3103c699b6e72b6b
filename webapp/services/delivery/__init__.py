"""A message's way: claim, hand over, settle, receipts, look-ups; and the gate of each channel."""

from webapp.services.delivery.draining import deliver, drain

__all__ = ["deliver", "drain"]
