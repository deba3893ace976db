"""`python -m posebatch_producer` is the `posebatch` command."""

from __future__ import annotations

from posebatch_producer.cli import main

if __name__ == "__main__":
    main()
