"""The edge: each module or package here touches one part of the world, through one outside library.

Mail comes in by `imap`, `otrs` and `archives`, and is read in `reading`. It goes out by `smtp`; pages go to a `wiki`, with
charts by `drawing`. What is known is kept in the `ledger`, and beside it in `files`. The service stands on `scheduler`,
`crew`, `metrics` and `systemd`. What connections share is in `network`; what processes of ours are given, in `children`.
"""
