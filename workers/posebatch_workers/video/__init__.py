"""Reading video: probe, decode upright frames with their true times, in a process of their own."""
