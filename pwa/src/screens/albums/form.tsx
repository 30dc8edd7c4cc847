/** What a new link shows, how long, and whether it has a password. */
import { useState } from "preact/hooks";
import type { Shown } from "../../sync/types";
import { flag, num, text } from "../../ui/data";
import { ChipField, TextField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { inner } from "../../ui/words";
import { children } from "../live";
import { type Failed, isFailed, type Made, makeAlbum } from "./fetch";
import { Pick } from "./pick";
import { countOf, suggestPassword } from "./words";

const DAYS = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
];
const PASSWORD_MIN = 10;
const FAILED: Partial<Record<Failed["why"], string>> = {
  offline: "No network: the link was not made. Please try again.",
};

export function WishForm({ order, onMade }: { order: Shown; onMade: (made: Made) => void }) {
  const photos = children(order.id, "photo").sort(
    (a, b) => (num(a.data.taken_at) ?? 0) - (num(b.data.taken_at) ?? 0),
  );
  const open = photos.filter((one) => flag(one.data.visible_to_customer));
  const [title, setTitle] = useState(`Photos of ${text(order.data.number) || inner("work_order")}`);
  const [days, setDays] = useState("30");
  const [some, setSome] = useState("all");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const short = password !== "" && password.length < PASSWORD_MIN;
  const none = some === "some" && chosen.size === 0;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || short || none) return;
    setBusy(true);
    const made = await makeAlbum({
      work_order: order.id,
      title: title.trim(),
      days: Number(days),
      password: password || null,
      photos: some === "some" ? [...chosen] : null,
    });
    setBusy(false);
    if (isFailed(made))
      setWrong(FAILED[made.why] ?? (made.message || "This did not work. Please try again."));
    else onMade(made);
  };
  return (
    <form class="stack" aria-label="New link" onSubmit={(event) => void submit(event)}>
      <p class="soft">
        Whoever has the link sees these photos without signing in. A photo that you hide from the{" "}
        {inner("customer")} is gone from it at once.
      </p>
      <TextField label="Title" value={title} onInput={setTitle} />
      <ChipField label="The link works for" value={days} onInput={setDays} options={DAYS} />
      <ChipField
        label="It shows"
        value={some}
        onInput={setSome}
        options={[
          { value: "all", label: `All that the ${inner("customer")} may see` },
          { value: "some", label: "Some of them" },
        ]}
      />
      {some === "some" && <Pick photos={open} chosen={chosen} onChange={setChosen} />}
      <Hidden open={open.length} all={photos.length} later={some === "all"} />
      <TextField
        label="Password, if you want one"
        value={password}
        onInput={setPassword}
        wrong={short ? `A password has at least ${PASSWORD_MIN} characters.` : null}
        hint="Tell it apart from the link. It cannot be looked up later."
      />
      <button type="button" class="button self-start" onClick={() => setPassword(suggestPassword())}>
        <Icon name="lock" /> Make one up
      </button>
      {wrong && (
        <p class="banner tone-red" role="alert">
          <Icon name="alert" /> <span class="grow">{wrong}</span>
        </p>
      )}
      <button type="submit" class="button main wide" disabled={busy || short || none}>
        {busy ? "Making the link" : none ? "Choose at least one photo" : "Make the link"}
      </button>
    </form>
  );
}

/** Said before the link is made, since it shows none of these. */
function Hidden({ open, all, later }: { open: number; all: number; later: boolean }) {
  const hidden = all - open;
  const whose = inner("customer");
  if (open === 0)
    return (
      <p class="banner tone-amber">
        <Icon name="alert" />
        <span class="grow">No photo here is for the {whose} yet: the link shows nothing until one is.</span>
      </p>
    );
  const said = [
    later && `${countOf(open)} now, and those that come later.`,
    hidden > 0 && `${countOf(hidden)} ${hidden === 1 ? "is" : "are"} hidden from the ${whose} and not shown.`,
  ].filter(Boolean);
  return said.length ? <p class="soft small">{said.join(" ")}</p> : null;
}
