// What tests/bench/phone.py times in the page. It runs before the app and stands between it and the browser: taps, the
// transactions of the replica's database, the answers of the server, and the moment at which the queue is on the screen.
window.bench = {
  tapped: 0,
  edits: [],
  queue: 0,
  begun: 0,
  waited: 0,
  download: () => ({ all: bench.queue - bench.begun, waited: bench.waited }),
  scriptBytes: () =>
    performance
      .getEntriesByType("resource")
      .filter((entry) => new URL(entry.name).pathname.endsWith(".js") && entry.name.includes("/static/"))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0),
};

addEventListener("click", () => { bench.tapped = performance.now(); }, true);

const transaction = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode, options) {
  const made = transaction.call(this, stores, mode, options);
  if (mode === "readwrite" && [...stores].includes("outbox")) {
    const tapped = bench.tapped;
    bench.tapped = 0;
    if (tapped) made.addEventListener("complete", () => bench.edits.push(performance.now() - tapped));
  }
  return made;
};

// The whole answer is waited for here, so that reading it as JSON counts as the app's own work.
const ask = window.fetch;
window.fetch = async (what, ...rest) => {
  const path = new URL(what.url ?? what, location.href).pathname;
  if (path !== "/api/sync") return ask(what, ...rest);
  const asked = performance.now();
  bench.begun ||= asked;
  const answer = await ask(what, ...rest);
  const body = await answer.arrayBuffer();
  bench.waited += performance.now() - asked;
  return new Response(body, { status: answer.status, headers: answer.headers });
};

const look = new MutationObserver(() => {
  if (!document.querySelector("[data-order]")) return;
  look.disconnect();
  requestAnimationFrame(() => setTimeout(() => { bench.queue = performance.now(); }));
});
look.observe(document, { childList: true, subtree: true });
