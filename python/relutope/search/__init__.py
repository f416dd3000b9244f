"""What runs the core on a network and a domain."""
