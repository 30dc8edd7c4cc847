"""The tree of refusals: each has its wire code and a sentence (rules C11, C14, W13)."""

from sync.errors import Malformed, Refusal, SyncError, TooLarge, forbidden, gone, invalid


def test_W13_the_docstring_is_the_message_when_none_is_given() -> None:
    assert SyncError().message == "Something about a request or a changeset does not hold."


def test_W14_a_request_that_cannot_be_read_says_where() -> None:
    assert (Malformed("no", {"field": "n"}).at, Malformed("no").at) == ({"field": "n"}, {})
    assert (Malformed("no").code, TooLarge("big").code) == ("invalid", "too_large")


def test_C14_a_refusal_bears_its_code() -> None:
    assert [r.code for r in (invalid("x"), forbidden(), gone())] == ["invalid", "forbidden", "gone"]
    assert forbidden("No.", "name").field == "name"
    assert str(Refusal("rule:open", "Finish the tasks first.")) == "Finish the tasks first."
