"""From the fixation tables that eye trackers' programs export to a data set of one's own."""
