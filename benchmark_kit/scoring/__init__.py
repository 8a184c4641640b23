"""From maps and truths to one row of scores an image."""
