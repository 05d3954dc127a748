"""How several processes share one ledger: leases, claims, and how jobs fared."""
