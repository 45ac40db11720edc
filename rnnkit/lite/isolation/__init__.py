"""A model run by a child process, so that a file from a stranger cannot harm the caller."""
