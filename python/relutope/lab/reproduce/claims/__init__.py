"""Published claims on cells, each a small study: rules, a table over seeds, claims, pictures."""
