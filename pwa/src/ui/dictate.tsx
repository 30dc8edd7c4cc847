/** Speaking instead of typing, where the browser can listen. Its words are put at the end of what is there. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";
import { toast } from "./toast";

interface Recognition {
  lang: string;
  interimResults: boolean;
  continuous: boolean;
  start(): void;
  stop(): void;
  onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }>> }) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
}

const Recogniser =
  (globalThis as Record<string, unknown>).SpeechRecognition ??
  (globalThis as Record<string, unknown>).webkitSpeechRecognition;

const FAILURES: Record<string, string> = {
  "not-allowed": "The microphone is not allowed here. Allow it in the browser's settings for this site.",
  "service-not-allowed": "The microphone is not allowed here.",
  network: "Speaking needs a network in this browser. Please type.",
  "no-speech": "Nothing was heard. Try again, or type.",
};

export function Dictate({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  const [listening, setListening] = useState<Recognition | null>(null);
  const latest = useRef({ value, onInput });
  latest.current = { value, onInput };
  useEffect(() => () => listening?.stop(), [listening]);
  if (typeof Recogniser !== "function") return null;
  const start = () => {
    const made = new (Recogniser as new () => Recognition)();
    made.lang = document.documentElement.lang || navigator.language;
    made.interimResults = false;
    made.continuous = true;
    made.onresult = ({ results }) => {
      const heard = results[results.length - 1]?.[0]?.transcript.trim();
      const before = latest.current.value.trimEnd();
      if (heard) latest.current.onInput(before ? `${before} ${heard}` : heard);
    };
    made.onerror = ({ error }) => {
      if (error !== "aborted") toast(FAILURES[error] ?? "Nothing was understood. Please type.");
    };
    made.onend = () => setListening(null);
    made.start();
    setListening(made);
  };
  return (
    <button
      type="button"
      class={`button icon-only tall dictate ${listening ? "main" : ""}`}
      aria-pressed={listening !== null}
      aria-label={listening ? "Stop listening" : "Speak instead of typing"}
      onClick={() => (listening ? listening.stop() : start())}
    >
      <Icon name={listening ? "stop" : "mic"} />
    </button>
  );
}
