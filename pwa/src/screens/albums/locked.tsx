/** The password of an album, asked for before anything of it is shown. */
import { useState } from "preact/hooks";
import { TextField } from "../../ui/field";
import { Icon } from "../../ui/icons";
import { albumPath, ask, isFailed } from "./fetch";

export function Locked({ token, onOpen }: { token: string; onOpen: () => void }) {
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || !password) return;
    setBusy(true);
    const answer = await ask(albumPath(token), "POST", { password });
    setBusy(false);
    // A link that ended meanwhile is told by the page, which asks again.
    if (!isFailed(answer) || answer.why === "over") return onOpen();
    setWrong(answer.why === "offline" ? "No network. Please try again." : answer.message);
  };
  return (
    <form class="card pad stack album-lock" onSubmit={(event) => void submit(event)}>
      <h1>
        <Icon name="lock" /> These photos have a password
      </h1>
      <TextField
        label="Password"
        type="password"
        value={password}
        onInput={setPassword}
        wrong={wrong}
        autofocus
        hint="Whoever sent you the link can tell you what it is."
      />
      <button type="submit" class="button main wide" disabled={busy || !password}>
        {busy ? "Opening" : "Show the photos"}
      </button>
    </form>
  );
}
