"""The demonstration: the very same pipeline over a sample mailbox, with servers inside the process."""
