"""Models by name: cards, and building what they describe."""
