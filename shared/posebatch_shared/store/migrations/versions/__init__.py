"""One file per revision, each going up from the one before."""
