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
import { media } from "../media";
import { hasRoom, letGoOfKept, lookForRoom, NO_ROOM, shots, unkept } from "../shots";
import { NextNote, PositionQuestion } from "./asides";
import { Controls } from "./controls";
import { cameraFor, chooseKind, cutOff, KINDS, kindFor } from "./open";
import { agreed, watch } from "./position";
import { CUT_OFF, NoViewfinder } from "./refused";
import { Review } from "./review";
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
  useEffect(() => {
    media.value?.prepare();
    void lookForRoom();
  }, []);
  useEffect(watch, [agreed.value]);
  const pressed = () => {
    setNote("");
    setNoting(false);
    lookAt(null);
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
          {cutOff.value && !finder.trouble && (
            <p class="banner tone-amber" role="status">
              <Icon name="alert" />
              <span class="grow">{CUT_OFF}</span>
            </p>
          )}
          <PositionQuestion />
          {noting && <NextNote value={note} onInput={setNote} onDone={() => setNoting(false)} />}
        </div>
      </div>
      <Strip shots={mine} looked={looked} onLook={(key) => lookAt(key === looked ? null : key)} />
      <Kinds order={order} />
      {!finder.trouble && (
        <Controls
          order={order}
          finder={finder}
          note={note}
          onNote={() => setNoting(!noting)}
          onPress={pressed}
        />
      )}
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
