"""Ways in; they assemble and decide nothing."""
