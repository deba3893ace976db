"""The ledger: the truth about every run, job and result, in SQLite or Postgres."""
