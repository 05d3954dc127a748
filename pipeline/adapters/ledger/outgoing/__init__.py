"""What leaves: the outbox, what came back, pages, marks on mailboxes, and what help desks are told."""
