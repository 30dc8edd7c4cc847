"""The refusals of uploads, in words for the person whose photo it is."""

from __future__ import annotations

from server.errors import Conflict, Gone, StorageFull, UnsupportedType, WorkbayError


class Deleted(Gone):
    """This photo was deleted at the shop."""

    status = 410


class WrongOffset(Conflict):
    """The upload does not stand there: ask where it stands, and go on from there."""

    def __init__(self, stands: int) -> None:
        super().__init__()
        self.stands = stands

    def headers(self) -> dict[str, str]:
        return {"Upload-Offset": str(self.stands)}


class OtherFile(Conflict):
    """This is not the file that belongs to the photo: its length or its hash is another."""


class AlreadyThere(WorkbayError):
    """The shop has this file already: delete the photo, and the file goes with it."""

    code = "forbidden"
    status = 403


class WrongChecksum(WorkbayError):
    """What arrived is not what was sent. It is not kept; please send it again."""

    code = "checksum"
    status = 460


class VersionWanted(WorkbayError):
    """Uploads are spoken to in tus 1.0.0, and every request says so in the header Tus-Resumable."""

    code = "invalid"
    status = 412

    def headers(self) -> dict[str, str]:
        return {"Tus-Version": "1.0.0"}


class UnknownKind(UnsupportedType):
    """Photos are JPEG, PNG or HEIC pictures, or PDF documents."""


class NoUploadBody(UnsupportedType):
    """The bytes of a file come with Content-Type application/offset+octet-stream."""


class ShopFull(StorageFull):
    """The shop has no room left for photos. This one is kept on the phone until there is."""
