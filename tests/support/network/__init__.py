"""Ports and lines that tests use, watch and cut."""
