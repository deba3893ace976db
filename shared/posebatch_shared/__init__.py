"""What producer, workers and ops agree on: jobs, runs, poses, errors, the ledger and the queue."""
