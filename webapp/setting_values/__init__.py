"""How the text of a setting becomes a value: read once, in one place, and refused in a sentence without its secrets."""


class Unusable(ValueError):
    """A text that cannot be used; the sentence says why, fit to follow "cannot be used:", and shows no part of it."""
