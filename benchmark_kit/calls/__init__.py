"""What Python and the command line call with a data set: `evaluate`, `write_densities`."""
