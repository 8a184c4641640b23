"""Doors of the files that come from outside: each kind of container is opened in one place only."""
