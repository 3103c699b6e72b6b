"""What `make run` does: broker, web and worker on one machine, supervised, with nothing to install first."""
