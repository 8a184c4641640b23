"""Maps of many pictures, and models for the kit's commands."""
