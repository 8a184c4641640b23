"""Files of one kind a module: how they are recognised, and read as tables of fixations."""
