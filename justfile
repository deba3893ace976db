# What people type in a checkout; .ci/run runs the same commands.
# Without just on the machine: uvx --from rust-just just help

set shell := ["bash", "-euo", "pipefail", "-c"]

# List the recipes.
help:
    @{{ just_executable() }} --list --unsorted

# Install everything that a developer needs into .venv.
sync:
    uv sync

# Run the tests; `just test -k exporter` runs some.
test *arguments:
    uv run pytest {{ arguments }}

# Check style and formatting.
lint:
    uv run ruff check .
    uv run ruff format --check .

# Correct style and formatting.
format:
    uv run ruff check --fix .
    uv run ruff format .

# Check types, strictly.
types:
    uv run mypy

# Check which package may import which.
arrows:
    uv run lint-imports

# Draw clips of a known athlete, process them, compare with the truth.
demo:
    uv run posebatch demo

# Compare with the peer on the same clips; prints the ratio, writes JSON.
bench:
    uv run python ops/benchmarks/against_peers.py

# Build the wheel, install it alone into a clean environment and start it there.
wheel-check:
    bash ops/wheel_check.sh

# Check the compose file, with every profile.
compose-check:
    uv run pytest tests/integration/test_compose.py

# All that CI checks.
ci: sync lint types arrows test wheel-check
