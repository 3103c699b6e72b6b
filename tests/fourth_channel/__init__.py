"""A fourth channel in a package of its own: the proof that one can be added without a change to `webapp/`."""
