/**
 * The camera: a viewfinder as large as the phone, the shutter at the thumb, shot after shot.
 *
 * Taking a picture and keeping it are two things: the shutter is free again as soon as the camera gave the picture, and
 * what was taken stands in the strip with a tick once it is kept.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Shown } from "../../../sync/types";
import { Full } from "../../../ui/full";
import { Icon } from "../../../ui/icons";
import { toast } from "../../../ui/toast";
import { inner, word } from "../../../ui/words";
import { record } from "../../live";
import { customerName, numberOf } from "../../work/facts";
import { hasRoom, letGoOfKept, lookForRoom, NO_ROOM, type Shot, shots, takeIn, unkept } from "../shots";
import { NextNote, PositionQuestion } from "./asides";
import { aboutOf, cameraFor, chooseKind, KINDS, kindFor } from "./open";
import { agreed, here, watch } from "./position";
import { NoViewfinder, Others } from "./refused";
import { Review } from "./review";
import { shoot } from "./stream";
import { Strip } from "./strip";
import { useViewfinder, type Viewfinder } from "./viewfinder";

export function Camera() {
  const order = record("work_order", cameraFor.value);
  useEffect(() => {
    if (!order) cameraFor.value = null;
  }, [order === undefined]);
  return order ? <Open key={order.id} order={order} /> : null;
}

const title = (order: Shown) =>
  [
    numberOf(order) ?? `New ${inner("work_order")}`,
    customerName(record("customer", order.data.customer)?.data),
  ].join(" · ");

function Open({ order }: { order: Shown }) {
  const finder = useViewfinder();
  const [note, setNote] = useState("");
  const [noting, setNoting] = useState(false);
  const [looked, lookAt] = useState<string | null>(null);
  const mine = shots.value.filter((one) => one.about.work_order === order.id);
  const shown = mine.find((one) => one.key === looked);
  useEffect(() => void lookForRoom(), []);
  useEffect(watch, [agreed.value]);
  const taken = (shot: Shot) => {
    setNote("");
    setNoting(false);
    lookAt(null);
    return shot;
  };
  return (
    <Full label={`Camera for ${title(order)}`} kind="camera" onClose={() => leave(order)}>
      <header class="full-head">
        <button
          type="button"
          class="button icon-only on-dark"
          aria-label="Close the camera"
          onClick={() => leave(order)}
        >
          <Icon name="close" />
        </button>
        <span class="grow clip">{title(order)}</span>
        {finder.torch !== null && <Torch finder={finder} />}
      </header>
      <div class="camera-stage">
        {finder.trouble ? (
          <NoViewfinder trouble={finder.trouble} order={order} note={note} onAgain={finder.again} />
        ) : (
          <video
            ref={finder.video}
            class="viewfinder"
            aria-label="Viewfinder"
            autoplay
            playsInline
            muted
            onPlaying={finder.onPlaying}
          />
        )}
        {shown && <Review shot={shown} onClose={() => lookAt(null)} />}
        <div class="camera-asides">
          {!hasRoom.value && (
            <p class="banner tone-red" role="alert">
              <Icon name="alert" />
              <span class="grow">{NO_ROOM}</span>
            </p>
          )}
          <PositionQuestion />
          {noting && <NextNote value={note} onInput={setNote} onDone={() => setNoting(false)} />}
        </div>
      </div>
      <Strip shots={mine} looked={looked} onLook={(key) => lookAt(key === looked ? null : key)} />
      <Kinds order={order} />
      <Controls order={order} finder={finder} note={note} onNote={() => setNoting(!noting)} onTaken={taken} />
    </Full>
  );
}

/** Pictures that are not kept stay on the work order's page, with what can be done about them. */
function leave(order: Shown): void {
  const open = unkept(order.id).filter((one) => one.is === "failed").length;
  if (open)
    toast(`${open === 1 ? "One photo is" : `${open} photos are`} not kept yet. See under Photos.`, {
      bad: true,
    });
  letGoOfKept();
  cameraFor.value = null;
}

function Torch({ finder }: { finder: Viewfinder }) {
  return (
    <button
      type="button"
      class={`button icon-only on-dark ${finder.torch ? "lit" : ""}`}
      aria-pressed={finder.torch === true}
      aria-label="Torch"
      onClick={finder.switchTorch}
    >
      <Icon name="torch" />
    </button>
  );
}

function Kinds({ order }: { order: Shown }) {
  const kind = kindFor(order);
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    row.current
      ?.querySelector(":checked")
      ?.parentElement?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [kind]);
  return (
    <div class="camera-kinds" role="radiogroup" aria-label="What the photo shows" ref={row}>
      {KINDS.map((one) => (
        <label key={one} class="chip on-dark">
          <input
            type="radio"
            name="photo-kind"
            checked={one === kind}
            onChange={() => chooseKind(order.id, one)}
          />
          {word(`photo.${one}`)}
        </label>
      ))}
    </div>
  );
}

interface ControlsProps {
  order: Shown;
  finder: Viewfinder;
  note: string;
  onNote: () => void;
  onTaken: (shot: Shot) => void;
}

function Controls({ order, finder, note, onNote, onTaken }: ControlsProps) {
  const [busy, setBusy] = useState(false);
  const [said, say] = useState("");
  const can = finder.ready && hasRoom.value && !busy;
  const press = async () => {
    const { stream, video } = finder;
    if (!can || !stream || !video.current) return;
    const [at, position] = [Date.now(), here()];
    setBusy(true);
    try {
      onTaken(takeIn(await shoot(stream, video.current), aboutOf(order, note), at, position));
      say(`Photo ${shots.value.length} taken`);
    } catch {
      toast("The camera gave no picture. Press once more.", { bad: true });
    }
    setBusy(false);
  };
  return (
    <div class="camera-controls">
      <button type="button" class={`button on-dark tall-text ${note ? "lit" : ""}`} onClick={onNote}>
        <Icon name="note" /> Note
      </button>
      <button
        type="button"
        class="shutter"
        aria-label="Take photo"
        aria-disabled={!can}
        data-ready={finder.ready}
        onClick={() => void press()}
      />
      <span class="hidden-label" role="status">
        {said || (finder.ready ? "The camera is ready" : "")}
      </span>
      <Others order={order} note={note} />
    </div>
  );
}
