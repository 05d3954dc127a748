"""What people know, written down by people: declarative rules, tested by their own examples.

`load` reads a folder of rules, `match` applies them to an inquiry, `vote` turns hits into an opinion,
`audit` and `examples` check them.
"""
