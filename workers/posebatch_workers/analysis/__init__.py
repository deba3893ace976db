"""From poses to jumps: pure functions over arrays."""
