"""The rows that tell a guest: made, numbered, rung for, and told as a timeline."""

from webapp.services.messages.compose import add, bring_back, prepare, prepare_none, release

__all__ = ["add", "bring_back", "prepare", "prepare_none", "release"]
