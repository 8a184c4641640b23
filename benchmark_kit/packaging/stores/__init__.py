"""The ways to store a submission: how each is written and read."""
