"""Mail as it comes in: messages, where they were seen, imports of archives."""
