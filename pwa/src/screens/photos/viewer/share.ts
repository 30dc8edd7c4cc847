/** A photo handed to another app: as a file where it can be had, else as a link; where nothing can be shared, as a download. */
import type { Shown } from "../../../sync/types";
import { toast } from "../../../ui/toast";
import { me } from "../../live";
import { media } from "../media";
import { canAsk, caption, isDocument, urlOf } from "../source";

export const canShare = typeof navigator.share === "function";

/** The picture as one would hand it on: what this phone holds, else the shop's. */
async function fileOf(photo: Shown): Promise<File | null> {
  const held = await media.value?.blob(photo.id).catch(() => null);
  const blob = held ?? (canAsk(photo) ? await fetched(photo) : null);
  if (!blob) return null;
  const end = blob.type === "application/pdf" ? "pdf" : (/image\/(\w+)/.exec(blob.type)?.[1] ?? "jpg");
  return new File([blob], `photo-${photo.id.slice(-6)}.${end.replace("jpeg", "jpg")}`, { type: blob.type });
}

async function fetched(photo: Shown): Promise<Blob | null> {
  try {
    const answer = await fetch(urlOf(photo.id, isDocument(photo) ? "document" : "display"));
    return answer.ok ? await answer.blob() : null;
  } catch {
    return null;
  }
}

const linkOf = (photo: Shown): string => {
  const page = me.value.kind === "customer" ? "/customer/work-order/" : "/work/";
  return `${location.origin}${page}${photo.data.work_order ?? ""}`;
};

export async function handOn(photo: Shown): Promise<void> {
  const file = await fileOf(photo);
  if (!canShare) return file ? download(file) : notHere();
  const given = file && navigator.canShare?.({ files: [file] }) ? { files: [file] } : { url: linkOf(photo) };
  try {
    await navigator.share({ title: caption(photo), ...given });
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    if (name === "AbortError") return;
    // Some browsers say they share files and then refuse them.
    if (file) download(file);
    else notHere();
  }
}

function download(file: File): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const notHere = () =>
  toast("The picture itself is not on this phone, and the shop cannot be asked for it just now.");
