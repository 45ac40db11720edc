"""Reading and writing files that may be damaged, huge, hostile, locked by another process or on a full disk."""
