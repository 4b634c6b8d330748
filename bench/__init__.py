"""What wirewatch is measured with: each bench prints a table and, as its last line, one JSON object."""
