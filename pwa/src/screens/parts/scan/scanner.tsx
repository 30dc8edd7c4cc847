/** The camera reads a code: held over it, it is found by itself. Who has no camera types the code instead. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../../ui/icons";
import {
  close,
  hasTorch,
  type NoCamera,
  openStream,
  setTorch,
  whyNoCamera,
} from "../../photos/camera/stream";
import { openReader, type Read } from "./reader";

interface Props {
  onCode: (code: string) => void;
  onClose: () => void;
}

/** Between two looks, so that a phone stays cool. */
const REST_MS = 120;
const BUZZ_MS = 60;

export function Scanner({ onCode, onClose }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [trouble, setTrouble] = useState<NoCamera | null>(null);
  const [light, setLight] = useState(false);
  const heard = useRef(onCode);
  heard.current = onCode;
  useEffect(() => {
    let gone = false;
    let held: MediaStream | null = null;
    const begin = async () => {
      try {
        const reading = openReader();
        reading.catch(() => undefined); // Told below, unless there is no camera to read with.
        held = await openStream("scan");
        if (gone) return close(held);
        setStream(held);
        const shown = video.current;
        if (!shown) return;
        shown.srcObject = held;
        await shown.play();
        const code = await firstCode(await reading, shown, () => gone);
        if (code === null || gone) return;
        navigator.vibrate?.(BUZZ_MS);
        heard.current(code);
      } catch (cause) {
        close(held);
        if (!gone) setTrouble(cause instanceof DOMException ? whyNoCamera(cause) : NO_READER);
      }
    };
    void begin();
    return () => {
      gone = true;
      close(held);
    };
  }, []);
  if (trouble)
    return (
      <div class="stack" role="alert">
        <p>
          <strong>{trouble.title}.</strong> {trouble.help}
        </p>
        <button type="button" class="button main" onClick={onClose}>
          Type the code instead
        </button>
      </div>
    );
  const torch = stream !== null && hasTorch(stream);
  const switchLight = () => stream && void setTorch(stream, !light).then(() => setLight(!light));
  return (
    <div class="scanner">
      <div class="scan-frame">
        <video ref={video} aria-label="What the camera sees" autoplay playsInline muted />
        <span class="scan-line" aria-hidden="true" />
      </div>
      <p role="status">Hold the code in the frame. It is read by itself.</p>
      <div class="row">
        {torch && (
          <button type="button" class="button" aria-pressed={light} onClick={switchLight}>
            <Icon name="torch" /> Light
          </button>
        )}
        <button type="button" class="button grow" onClick={onClose}>
          Type it instead
        </button>
      </div>
    </div>
  );
}

const NO_READER: NoCamera = {
  title: "Codes cannot be read here",
  help: "This browser did not load what reads them. The search finds a part by its code as well.",
};

/** Looks until there is a code, or `gone` says that nobody waits for it. */
async function firstCode(read: Read, video: HTMLVideoElement, gone: () => boolean): Promise<string | null> {
  while (!gone()) {
    const code = await read(video);
    if (code !== null) return code;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  return null;
}
