"""What it takes to run wirewatch: image, Prometheus, Grafana."""
