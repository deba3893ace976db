"""The drawn athlete: a shaded figure that jumps by exact physics, and the truth about it."""
