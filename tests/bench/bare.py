"""The trivial route: the least that this server stack can do for a request, the limit that the round trips stand beside.

The same uvicorn, event loop and Starlette; it reads the body and answers 1 KB that was made before. No middleware, no
database. Run as `python -m tests.bench.bare PORT`.
"""

import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.cli.listen import Place, bound, serve_all

ANSWER = b'{"text":"' + b"x" * 1013 + b'"}'


async def answer(request: Request) -> Response:
    await request.body()
    return Response(ANSWER, media_type="application/json")


def main() -> None:
    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])
    serve_all([Place(bound("127.0.0.1", int(sys.argv[1])), app)], lambda: None)


if __name__ == "__main__":
    main()
