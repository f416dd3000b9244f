"""A second opinion in rational arithmetic that shares nothing with the core."""
