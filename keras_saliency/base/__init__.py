"""What every model is: card, geometry, arrays in, maps out, files."""
