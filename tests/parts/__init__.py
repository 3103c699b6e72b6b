"""Real parts as Debian has them, set up as docs/operations.md and deploy/ say: `make parts`."""
