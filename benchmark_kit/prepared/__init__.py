"""Maps and truths in the forms that formulas compute on, made once an image."""
