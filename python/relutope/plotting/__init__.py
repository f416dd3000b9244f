"""Pictures of complexes."""
