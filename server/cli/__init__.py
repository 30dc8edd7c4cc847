"""The command line `workbay`: one module per command or few, put together in `main`.

What a command needs of other rooms is imported inside it, so that `workbay --help` does not load the whole server.
"""
