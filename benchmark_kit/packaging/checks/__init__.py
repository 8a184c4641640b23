"""What is wrong with a submission: names, stimuli, files, values."""
