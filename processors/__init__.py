"""The pure core of wirewatch: value in, value out. No Kafka, event loop, clock, files or network."""
