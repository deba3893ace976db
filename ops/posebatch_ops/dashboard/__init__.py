"""The web dashboard: what the ledger knows, live, and with a token a person's word on it."""
