"""Mail in files and folders: .eml, mbox, Maildir."""
