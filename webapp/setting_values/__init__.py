"""Reads the text of a setting into a value. An error never shows the value, which may be a secret."""


class Unusable(ValueError):
    """The text cannot be used. The message says why, follows "cannot be used:", and shows no part of the text."""
