"""Where a network is looked at: boxes and polytopes."""
