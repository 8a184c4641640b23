"""What all commands share: options, progress, output, signals."""
