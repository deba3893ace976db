"""What the people who keep it running look at: dashboard, exporter, Flower."""
