"""From a network and a domain to a complex, whole, in part, or on a subspace."""
