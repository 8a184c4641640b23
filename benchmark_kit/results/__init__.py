"""Results: the record, its statistics, its tables."""
