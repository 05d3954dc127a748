"""What liaisons send back: tokens, trust, commands, receipts."""
