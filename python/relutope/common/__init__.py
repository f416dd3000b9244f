"""What every room uses and nothing of this project needs first: files, progress, ragged arrays."""
