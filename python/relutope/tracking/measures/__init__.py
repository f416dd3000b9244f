"""What a tracker can measure."""
