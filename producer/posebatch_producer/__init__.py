"""The `posebatch` command: scan archives, submit jobs, run them here, show what came back."""
