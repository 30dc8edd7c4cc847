"""The refusals of sign-in, in words for the person who is refused."""

from typing import TYPE_CHECKING

from server.errors import Forbidden, Gone, Unauthenticated

if TYPE_CHECKING:
    from server.auth.principal import Principal


class SignInRefused(Unauthenticated):
    """The address or the password is wrong."""


class LinkRefused(Unauthenticated):
    """This link was used already or is too old. Please ask for a new one."""


class NobodyThere(Gone):
    """Nobody with this address can be let in: it is unknown, or the portal is switched off for it."""


class Revoked(Forbidden):
    """This device was signed out for good by the shop. What still waits on it is handed over; then it is wiped."""

    def __init__(self, principal: "Principal") -> None:
        super().__init__()
        self.principal = principal

    def as_json(self, request: str | None = None) -> dict[str, object]:
        return {**super().as_json(request), "wipe": True}
