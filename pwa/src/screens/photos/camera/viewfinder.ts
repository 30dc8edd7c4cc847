/** The camera as a component holds it: opened while it is in sight, stopped while it is not, awake meanwhile. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { close, hasTorch, type NoCamera, openStream, setTorch, whyNoCamera } from "./stream";

export interface Viewfinder {
  video: { current: HTMLVideoElement | null };
  stream: MediaStream | null;
  /** The picture runs: the shutter works. */
  ready: boolean;
  trouble: NoCamera | null;
  torch: boolean | null;
  switchTorch(): void;
  again(): void;
  onPlaying(): void;
}

export function useViewfinder(): Viewfinder {
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [ready, setReady] = useState(false);
  const [trouble, setTrouble] = useState<NoCamera | null>(null);
  const [torch, setLight] = useState<boolean | null>(null);
  const [turn, setTurn] = useState(0);
  const inSight = useInSight();
  useEffect(() => {
    if (!inSight) return;
    let held: MediaStream | null = null;
    let gone = false;
    const begin = async () => {
      try {
        held = await openStream();
        if (gone) return close(held);
        setTrouble(null);
        setStream(held);
        setLight(hasTorch(held) ? false : null);
      } catch (cause) {
        if (!gone) setTrouble(whyNoCamera(cause));
      }
    };
    void begin();
    return () => {
      gone = true;
      close(held);
      setStream(null);
      setReady(false);
    };
  }, [inSight, turn]);
  useEffect(() => {
    const shown = video.current;
    if (!shown || !stream) return;
    shown.srcObject = stream;
    void shown.play().catch(() => undefined);
  }, [stream]);
  useAwake(stream !== null);
  const switchTorch = () => {
    if (!stream || torch === null) return;
    void setTorch(stream, !torch).then(
      () => setLight(!torch),
      () => setLight(null),
    );
  };
  const again = useCallback(() => {
    setTrouble(null);
    setTurn((n) => n + 1);
  }, []);
  return { video, stream, ready, trouble, torch, switchTorch, again, onPlaying: () => setReady(true) };
}

/** A camera behind another app would heat the phone, and iOS freezes its picture for good. */
function useInSight(): boolean {
  const [inSight, set] = useState(document.visibilityState === "visible");
  useEffect(() => {
    const hear = () => set(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", hear);
    return () => document.removeEventListener("visibilitychange", hear);
  }, []);
  return inSight;
}

/** The screen stays on while somebody aims. */
function useAwake(wanted: boolean): void {
  useEffect(() => {
    if (!wanted || !("wakeLock" in navigator)) return;
    const held = navigator.wakeLock.request("screen").catch(() => null);
    return () => void held.then((lock) => lock?.release());
  }, [wanted]);
}
