/** What of photos lies over a screen: the camera, one photo large, the slider, a drawing. Each is loaded when first wanted. */
import { lazy } from "../../ui/lazy";
import { cameraFor } from "./camera/open";
import { compared, drawn, viewed } from "./viewer/open";

const Camera = lazy(async () => (await import("./camera/camera")).Camera);
const AskOrder = lazy(async () => (await import("./camera/ask")).AskOrder);
const Viewer = lazy(async () => (await import("./viewer/viewer")).Viewer);
const Compare = lazy(async () => (await import("./viewer/compare")).Compare);
const Drawing = lazy(async () => (await import("./drawing/editor")).Drawing);

export function PhotoLayers() {
  return (
    <>
      {cameraFor.value && (cameraFor.value === "ask" ? <AskOrder /> : <Camera />)}
      {viewed.value && <Viewer />}
      {compared.value && <Compare />}
      {drawn.value && <Drawing />}
    </>
  );
}
