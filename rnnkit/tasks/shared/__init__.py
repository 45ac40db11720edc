"""Building blocks that several tasks use and that know the form of their data."""
