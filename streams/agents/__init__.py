"""The agents: thin work functions between a stream of records and the pure core."""
