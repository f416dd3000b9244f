"""The page's scripts and style sheet."""
