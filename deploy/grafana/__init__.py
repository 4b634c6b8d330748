"""The Grafana dashboards, built in code and checked in as JSON."""
