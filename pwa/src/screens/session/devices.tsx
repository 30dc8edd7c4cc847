/** The devices one may know of, with when they were last seen; one's own can be taken off. Needs the network, and says so. */
import { useEffect, useState } from "preact/hooks";
import { text } from "../../ui/data";
import { Empty } from "../../ui/empty";
import { stamp } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { Sheet } from "../../ui/sheet";
import { toast } from "../../ui/toast";
import { record } from "../live";

interface Device {
  replica: string;
  name: string;
  /** The id of the staff record. */
  person: string;
  seen_at: number | null;
  revoked: boolean;
  this: boolean;
}

const PATH = "/api/devices";

async function fetchDevices(): Promise<Device[]> {
  const answer = await fetch(PATH, { signal: AbortSignal.timeout(8000) });
  if (!answer.ok) throw new Error(String(answer.status));
  return ((await answer.json()) as { devices: Device[] }).devices;
}

const personOf = (one: Device) => text(record("staff", one.person)?.data.name);

export function DevicesScreen() {
  const [devices, setDevices] = useState<Device[] | null>(null);
  const [failed, setFailed] = useState(false);
  const [leaving, setLeaving] = useState<Device | null>(null);
  const load = () => {
    setFailed(false);
    fetchDevices().then(setDevices, () => setFailed(true));
  };
  useEffect(load, []);
  const revoke = async (one: Device) => {
    const answer = await fetch(`${PATH}/${one.replica}`, { method: "DELETE" }).catch(() => null);
    toast(answer?.ok ? `${one.name} was taken off.` : "This did not work. Please try again.", {
      bad: !answer?.ok,
    });
    setLeaving(null);
    load();
  };
  return (
    <div class="stack">
      <h1>Devices</h1>
      {failed && <NoNetwork onAgain={load} />}
      {!failed && !devices && <p class="soft">Asking the shop …</p>}
      <ul class="stack-tight">
        {devices?.map((one) => (
          <li key={one.replica} class="card pad row">
            <Icon name="phone" />
            <span class="grow">
              <strong class="block">{one.name}</strong>
              <span class="soft small number">
                {[personOf(one), one.this ? "this device" : one.seen_at && `seen ${stamp(one.seen_at)}`]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </span>
            {one.revoked ? (
              <span class="tag">taken off</span>
            ) : (
              !one.this && (
                <button type="button" class="button" onClick={() => setLeaving(one)}>
                  Take off
                </button>
              )
            )}
          </li>
        ))}
      </ul>
      {leaving && (
        <RevokeSheet
          device={leaving}
          onClose={() => setLeaving(null)}
          onRevoke={() => void revoke(leaving)}
        />
      )}
    </div>
  );
}

function NoNetwork({ onAgain }: { onAgain: () => void }) {
  return (
    <Empty
      icon="offline"
      title="The list of devices needs a network"
      action={
        <button type="button" class="button" onClick={onAgain}>
          Try again
        </button>
      }
    >
      It is kept at the shop, not on this phone.
    </Empty>
  );
}

function RevokeSheet({
  device,
  onClose,
  onRevoke,
}: {
  device: Device;
  onClose: () => void;
  onRevoke: () => void;
}) {
  return (
    <Sheet
      title={`Take off ${device.name}?`}
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button" onClick={onClose}>
            Keep it
          </button>
          <button type="button" class="button danger" onClick={onRevoke}>
            Take off
          </button>
        </>
      }
    >
      <p>
        It is signed out at once. What it had not sent is handed over to a manager, then its copy is wiped.
      </p>
    </Sheet>
  );
}
