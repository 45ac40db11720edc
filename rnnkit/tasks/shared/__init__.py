"""Building blocks that several tasks share and that know the form of their data."""
