"""What `salbench demo` shows: drawn pop-out displays, simulated observers, contact sheets."""
