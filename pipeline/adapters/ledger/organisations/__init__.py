"""The register of organisations, and what the public may read of it."""
