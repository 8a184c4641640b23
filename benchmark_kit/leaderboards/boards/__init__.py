"""The boards: every file holds those of one host in `BOARDS`, and is found by its place."""
