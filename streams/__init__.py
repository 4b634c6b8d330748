"""The imperative shell of wirewatch: everything that moves bytes, reads files or tells the time."""
