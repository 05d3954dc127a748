"""The use cases, one screen each, over the Protocols in `ports`; adapters are handed in from outside."""
