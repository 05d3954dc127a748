"""How the ledger came to its present form: one module in `versions` for each step."""
