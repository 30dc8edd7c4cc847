"""What every answer has in common, and the files of the PWA.

`server.app` takes from here `middleware.around(settings, world)`, `errors.EXCEPTION_HANDLERS`, and the routes of
`health`, `manifest` and, last of all because they catch whatever is left, `pages`.
"""
