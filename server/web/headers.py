"""The headers that tell a browser what it may do with an answer of ours.

Nothing but our own scripts and styles runs, no other site may frame or embed us, and answers of the API are kept
nowhere. They are added at the very outside, so that refusals and failures bear them too.
"""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # What reads barcodes is compiled; text is never run as a script.
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

FIXED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONE_YEAR_S = 31_536_000
FETCHED = ("img-src 'self'", "connect-src 'self'")
"""What pages fetch from a bucket of files: pictures, and their bytes."""


class SecurityHeaders:
    """Middleware that adds them to every answer."""

    def __init__(
        self, app: ASGIApp, *, public_url: str | None = None, files_origin: str | None = None
    ) -> None:
        self._app = app
        self._headers = dict(FIXED)
        for directive in FETCHED if files_origin else ():
            said = self._headers["Content-Security-Policy"]
            self._headers["Content-Security-Policy"] = said.replace(directive, f"{directive} {files_origin}")
        if urlsplit(public_url or "").scheme == "https":
            self._headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR_S}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
