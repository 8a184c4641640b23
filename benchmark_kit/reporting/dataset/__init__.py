"""A page that shows whether a data set is what it should be."""
