"""The ledger as a whole, for whoever runs it: backups, moving it, checking it."""
