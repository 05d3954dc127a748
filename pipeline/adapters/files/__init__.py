"""The program's own files beside the ledger."""
