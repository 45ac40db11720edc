"""A page on which a bundle is tried: served on this machine, or written as a site for any static host."""

#: This machine alone.
LOCAL = "127.0.0.1"
