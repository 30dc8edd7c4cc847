"""Collections that the store itself writes: conflicts that wait for a person, and notices to an author.

A conflict shows the side that does not stand; a notice tells somebody that an edit of theirs, accepted before, gave
way to a later one or, when it says `merged`, became one text with somebody else's. Both are only ever written by the server.
"""

from sync.collection import Collection, Policy, flag, instant, json, ref, text

S = Policy.SERVER
ANYONE = dict.fromkeys(("admin", "manager", "service_writer", "parts", "tech"), "r")

CONFLICT = Collection(
    name="conflict",
    fields=(
        text("collection", S),
        text("record", S),
        text("root", S),
        text("field", S),
        json("sides", S, personal=True),
        ref("staff", "staff", S),
        flag("open", S),
        instant("created_at", S),
        instant("updated_at", S),
    ),
    rights=ANYONE,
    parents=("root",),
)

NOTICE = Collection(
    name="notice",
    fields=(
        ref("staff", "staff", S),
        text("collection", S),
        text("record", S),
        text("field", S),
        json("value", S, personal=True),
        text("by", S),
        instant("lost_at", S),
        flag("merged", S),
        instant("created_at", S),
        instant("updated_at", S),
    ),
    rights=dict.fromkeys(ANYONE, "/r"),
    own="staff",
)
