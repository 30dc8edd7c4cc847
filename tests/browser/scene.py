"""The scene of a journey: a customer with a machine and a work order for a tech, made by a script as the desk would.

Every text is unique, so that journeys run on one server without meeting.
"""

from dataclasses import dataclass

from tests.browser.script import Script, unique


@dataclass(frozen=True, slots=True)
class Scene:
    """Ids and words of what a journey works on."""

    customer: str
    customer_name: str
    email: str
    work_order: str
    number: str
    complaint: str
    tasks: tuple[str, str]


def tech_of(desk: Script, email: str) -> str:
    """The id of the staff user with this address."""
    return next(str(person["id"]) for person in desk.all("staff") if person.get("email") == email)


def make_scene(desk: Script, *, assignee: str, status: str = "diagnosing") -> Scene:
    """A work order with two tasks and an internal note, urgent, in the queue of `assignee`."""
    name = unique("Mira Holt")
    email = f"{name.split()[-1]}@customer.test"
    customer = desk.create(
        "customer", name=name, emails={"add": [email]}, phones={"add": ["+44 20 7946 0018"]}
    )
    machine = desk.create(
        "equipment", customer=customer, kind="Mower", make="Atco", model="Liner 19SH", serial=unique("SN")
    )
    complaint = unique("Starts and dies after a minute")
    order = desk.create(
        "work_order",
        customer=customer,
        equipment=machine,
        complaint=complaint,
        diagnosis="Not looked at yet",
        priority="urgent",
        assignee=assignee,
    )
    tasks = (unique("Check the fuel line"), unique("Clean the carburettor"))
    for place, title in enumerate(tasks):
        desk.create("task", work_order=order, title=title, position=place)
    desk.create("note", work_order=order, text=INTERNAL)
    if status != "new":
        step(desk, order, status)
    return Scene(customer, name, email, order, str(desk.data(order)["number"]), complaint, tasks)


def step(desk: Script, order: str, status: str, reason: str | None = None) -> None:
    """Move a work order on, as the desk would."""
    outcome = desk.patch(order, status=status, status_reason=reason, status_at=desk.now_ms())
    assert outcome["outcome"] == "accepted", outcome


INTERNAL = "Internal: haggles about every bill"
