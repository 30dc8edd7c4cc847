"""The order in which a request passes what all requests pass, outermost first."""

from starlette.middleware import Middleware
from starlette_compress import CompressMiddleware, remove_compress_type

from server.clock import World
from server.settings import Settings
from server.web.headers import SecurityHeaders
from server.web.origin import OriginCheck
from server.web.requests import Requests

# An event held back in a compressor is an event that comes late.
remove_compress_type("text/event-stream")


def around(settings: Settings, world: World, files_origin: str | None = None) -> list[Middleware]:
    """The middleware of the application. files_origin: where else pages fetch files from."""
    return [
        Middleware(SecurityHeaders, public_url=settings.public_url, files_origin=files_origin),
        Middleware(Requests, world=world),
        Middleware(OriginCheck, public_url=settings.public_url),
        Middleware(CompressMiddleware, zstd_level=3, brotli_quality=4, gzip_level=6),
    ]
