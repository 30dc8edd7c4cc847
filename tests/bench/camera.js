// What tests/bench/camera.py times in the page: from the press of the shutter to the moment at which the camera has given the picture (presses until then are remembered), and to
// the moment at which the camera's strip says of one picture more that it is on this phone; and the frames of a long gallery.
window.camera = { pressed: 0, free: [], durable: [], kept: 0, frames: [], watching: false };

addEventListener(
  "click",
  (event) => {
    if (!event.target.closest?.(".shutter")) return;
    camera.pressed = performance.now();
    camera.waitsForFree = camera.waitsForKept = true;
  },
  true,
);

new MutationObserver(() => {
  const now = performance.now();
  const atWork = document.querySelector(".shutter.at-work") !== null;
  if (camera.waitsForFree && atWork) camera.wasBusy = true;
  // The press itself makes it busy a moment later: free is what comes after that.
  if (camera.waitsForFree && camera.wasBusy && !atWork) {
    camera.free.push(now - camera.pressed);
    camera.waitsForFree = camera.wasBusy = false;
  }
  const kept = document.querySelectorAll(".strip-shot.is-kept").length;
  if (camera.waitsForKept && kept > camera.kept) {
    camera.durable.push(now - camera.pressed);
    camera.waitsForKept = false;
  }
  camera.kept = kept;
}).observe(document, { childList: true, subtree: true, attributes: true });

/** Scrolls through everything, half a screen a frame, and notes how long each frame took; from when the page is at rest. */
camera.scroll = async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await new Promise((done) => requestIdleCallback(done));
  const [step, end] = [innerHeight * 0.5, () => document.documentElement.scrollHeight - innerHeight];
  camera.frames = [];
  let last = await frame();
  for (let at = step; at < end() + step; at += step) {
    scrollTo(0, at);
    const now = await frame();
    camera.frames.push(now - last);
    last = now;
  }
  return camera.frames;
};
