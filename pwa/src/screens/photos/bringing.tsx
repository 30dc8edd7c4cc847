/** Pictures that are being saved, and those that could not be: said where they will be, until there is nothing to say. */
import { Icon } from "../../ui/icons";
import { Failed } from "./camera/review";
import { shots, unkept } from "./shots";

export function Bringing({ order }: { order: string }) {
  const open = unkept(order);
  const failed = open.filter((one) => one.is === "failed");
  const going = open.length - failed.length;
  if (shots.value.length === 0) return null;
  return (
    <div class="stack-tight" role="status">
      {going > 0 && (
        <p class="soft row">
          <Icon name="hourglass" /> Saving {going === 1 ? "a photo" : `${going} photos`} on this phone
        </p>
      )}
      {failed.map((shot) => (
        <div key={shot.key} class="banner tone-red bringing">
          {!shot.hopeless && <img src={shot.url} alt="Not saved yet" />}
          <span class="grow">
            <strong>{shot.hopeless ? "Not saved." : "Not saved yet."}</strong> {shot.reason}
          </span>
          <Failed shot={shot} />
        </div>
      ))}
    </div>
  );
}
