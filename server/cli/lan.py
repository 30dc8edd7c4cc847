"""`--lan`: phones on the same network, over HTTPS with a certificate of our own authority.

The plain port stays on the loopback. HTTPS listens on all interfaces at the port + 443, and a small page in plain HTTP at the
port + 80 hands out the authority's certificate and says how to trust it: a phone cannot open the HTTPS page before it does.
"""

import io
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from server.cli.listen import bound
from server.clock import World
from server.errors import StartError
from server.settings import Settings

ALL = "0.0.0.0"
HTTPS_ABOVE, HTTP_ABOVE = 443, 80

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Workbay on this network</title>
<meta name="viewport" content="width=device-width"><style>body{{font:18px/1.5 system-ui;margin:24px;max-width:40em}}</style>
<h1>Workbay on this network</h1>
<p>Your phone does not know this server yet. Do this once:</p>
<ol><li><a href="/ca.crt">Download the certificate</a> of this shop's server.</li>
<li><b>Android:</b> Settings → Security → Install a certificate → CA certificate, and choose the download.<br>
<b>iPhone, iPad:</b> Settings → Profile downloaded → Install; then Settings → General → About → Certificate Trust Settings: switch it on.<br>
<b>A computer:</b> open the download and trust it for websites.</li>
<li>Open <a href="{https}">{https}</a> and install the app from the browser's menu.</li></ol>
<p>Its fingerprint, as the server's terminal shows it too:<br><small>{fingerprint}</small></p>
<p>The certificate can vouch for addresses of a local network only. Remove it from the phone when you no longer need it.</p></html>"""


@dataclass(frozen=True, slots=True)
class Network:
    """What `--lan` opened."""

    address: str
    https: socket.socket
    http: socket.socket
    authority: Path
    certificate: tuple[Path, Path]
    fingerprint: str

    @property
    def https_url(self) -> str:
        return f"https://{self.address}:{self.https.getsockname()[1]}"

    @property
    def help_url(self) -> str:
        return f"http://{self.address}:{self.http.getsockname()[1]}"

    def words(self) -> list[str]:
        """Addresses, how to trust them, and a QR code for the phone."""
        return [
            f"Phones on the same network: {self.https_url}",
            f"  first open {self.help_url} on the phone: it says in three steps how to trust this server",
            f"  certificate to trust: {self.help_url}/ca.crt",
            f"  its fingerprint: {self.fingerprint}",
            "",
            *qr_code(self.help_url),
            "",
        ]

    def help_page(self) -> Starlette:
        """The small application at the plain port: the steps, and the certificate."""

        async def page(_request: Request) -> Response:
            return HTMLResponse(PAGE.format(https=self.https_url, fingerprint=self.fingerprint))

        async def certificate(_request: Request) -> Response:
            return FileResponse(
                self.authority, media_type="application/x-x509-ca-cert", filename="workbay-ca.crt"
            )

        return Starlette(routes=[Route("/", page), Route("/ca.crt", certificate)])


@contextmanager
def opened(settings: Settings, world: World) -> Iterator[Network]:
    """Sockets on all interfaces and a certificate for this machine's addresses."""
    from server.cli.tls import certificate_for

    addresses = local_addresses()
    if not addresses:
        raise StartError("This machine has no address on a network: connect it, or serve without --lan.")
    with ExitStack() as stack:
        https = stack.enter_context(_near(settings.port, HTTPS_ABOVE))
        http = stack.enter_context(_near(settings.port, HTTP_ABOVE))
        made = certificate_for(settings.var / "tls", addresses, world)
        yield Network(
            addresses[0], https, http, made.authority, (made.certificate, made.key), made.fingerprint
        )


def _near(port: int, above: int) -> socket.socket:
    """The port that people can guess, else a free one."""
    try:
        return bound(ALL, port + above)
    except (StartError, OverflowError):
        return bound(ALL, 0)


def local_addresses() -> list[str]:
    """This machine's addresses on its networks, the one that is used to go out first."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # Nothing is sent: the system only chooses which way it would go.
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [
            str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        ]
    return [address for address in dict.fromkeys(found) if not address.startswith("127.")]


def qr_code(text: str) -> list[str]:
    """A QR code as lines for a terminal."""
    import segno

    drawn = io.StringIO()
    segno.make(text, error="m").terminal(drawn, compact=True)
    return drawn.getvalue().splitlines()
