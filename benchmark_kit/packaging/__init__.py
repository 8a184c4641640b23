"""From a folder of maps to a file that a board takes: checks, densities, archives."""
