"""Reads the text of a setting into a value. An error never shows the value, which may be a secret."""

from collections.abc import Mapping


class Unusable(ValueError):
    """The text cannot be used. The message says why, follows "cannot be used:", and shows no part of the text.

    `sentence` is the message before its `limits` are filled in: that is what has a translation.
    """

    def __init__(self, sentence: str, limits: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence % limits if limits else sentence)
        self.sentence = sentence
        self.limits = limits or {}
