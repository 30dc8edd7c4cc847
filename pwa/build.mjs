/**
 * Builds the app: two pages, staff and customer, out of one source, into dist/.
 *
 * dist/static/ holds files whose names carry a hash of what is in them, so that a server may call them immutable;
 * the two pages and the service worker keep their names and are asked for anew. The worker is given, for each page,
 * the list of files it must have to open off line.
 *
 * Run by `npm run build`, or with `--watch` while writing.
 */
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, stat, watch, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
/** Written here and then put in the place of dist/ in one step, so that a running server never misses a file. */
const NEXT = "build";
const dist = join(root, NEXT);
const PAGES = {
  staff: { html: "index.html", script: "src/main.tsx" },
  customer: { html: "customer.html", script: "src/customer.tsx" },
};
const STYLES = "static/styles/main.css";
/** What runs beside a page, each in one file: named in the code by what the build puts in. */
const WORKERS = { SHRINK_WORKER: "src/media/shrink_worker.ts" };
/** What the staff's service worker loads. */
const BESIDE = "src/media/beside.ts";
/** What lies in static/ and is no source of the bundle is copied as it is, under its own name. */
const NOT_COPIED = ["styles"];

async function buildAll() {
  const started = performance.now();
  await rm(dist, { recursive: true, force: true });
  await mkdir(join(dist, "static"), { recursive: true });
  const workers = await bundleWorkers();
  const bundle = await bundleAll(workers);
  const copied = await copyStatic();
  const lists = {};
  for (const [name, page] of Object.entries(PAGES)) {
    const loaded = filesOf(bundle.metafile, page.script);
    await writePage(page, loaded);
    // Customers take no pictures.
    const beside = name === "staff" ? Object.values(workers) : [];
    lists[name] = [...loaded.scripts, ...loaded.styles, ...beside, ...copied.filter(isIcon)].sort();
    await report(name, loaded);
  }
  await writeWorker(lists, workers.BESIDE);
  await rm(join(root, "dist"), { recursive: true, force: true });
  await rename(dist, join(root, "dist"));
  process.stdout.write(`built in ${Math.round(performance.now() - started)} ms\n`);
}

/** Workers know no modules in all browsers that we serve, so each is a script of its own. Gives the URL of each, by name. */
async function bundleWorkers() {
  const options = {
    absWorkingDir: root,
    outdir: `${NEXT}/static`,
    entryNames: "[name]-[hash]",
    bundle: true,
    format: "iife",
    target: ["chrome111", "firefox115", "safari16.4"],
    minify: true,
    sourcemap: "linked",
    metafile: true,
    logLevel: "warning",
  };
  const urls = {};
  const define = {};
  for (const [name, source] of Object.entries({ ...WORKERS, BESIDE })) {
    const { metafile } = await build({ ...options, define, entryPoints: [source] });
    const [output] = Object.entries(metafile.outputs).find(([, made]) => made.entryPoint === source);
    urls[name] = urlOf(output);
    define[name] = JSON.stringify(urls[name]);
  }
  return urls;
}

/** Both pages and the styles in one run, so that what they share becomes a shared chunk. */
async function bundleAll(workers) {
  const define = Object.fromEntries(
    Object.entries(workers).map(([name, url]) => [name, JSON.stringify(url)]),
  );
  return build({
    define,
    absWorkingDir: root,
    entryPoints: [...Object.values(PAGES).map((page) => page.script), STYLES],
    outdir: `${NEXT}/static`,
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["chrome111", "firefox115", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    sourcemap: "linked",
    metafile: true,
    external: ["/static/*"],
    loader: { ".wasm": "file" },
    publicPath: "/static",
    logLevel: "warning",
  });
}

/** What a page loads: `scripts` all of it, `first` what it needs to start, without what is imported later. */
function filesOf(metafile, script) {
  const outputs = metafile.outputs;
  const outputOf = (source) => Object.keys(outputs).find((name) => outputs[name].entryPoint === source);
  const styles = new Set([outputOf(STYLES)]);
  const reach = (name, later, found = new Set()) => {
    if (found.has(name)) return found;
    found.add(name);
    if (outputs[name].cssBundle) styles.add(outputs[name].cssBundle);
    for (const next of outputs[name].imports) {
      if (!next.external && (later || next.kind !== "dynamic-import")) reach(next.path, later, found);
    }
    return found;
  };
  const entry = outputOf(script);
  const first = [...reach(entry, false)].map(urlOf);
  const scripts = [...reach(entry, true)].map(urlOf);
  return { entry: urlOf(entry), first, scripts, styles: [...styles].map(urlOf) };
}

const urlOf = (output) => `/${relative(NEXT, output)}`;
const isIcon = (url) => /icon/.test(url);

/** The page with its hashed names in place of the source's; chunks are announced so that they load side by side. */
async function writePage(page, loaded) {
  const source = await readFile(join(root, page.html), "utf8");
  const head = [
    ...loaded.styles.map((url) => `<link rel="stylesheet" href="${url}">`),
    ...loaded.first
      .filter((url) => url !== loaded.entry)
      .map((url) => `<link rel="modulepreload" href="${url}">`),
    `<script type="module" src="${loaded.entry}"></script>`,
  ].join("\n    ");
  const stripped = source
    .replace(/[ \t]*<script type="module"[^>]*><\/script>\n?/g, "")
    .replace(/[ \t]*<link rel="stylesheet"[^>]*>\n?/g, "");
  if (!stripped.includes("</head>"))
    throw new Error(`${page.html} has no </head> to put the scripts before.`);
  await writeFile(join(dist, page.html), stripped.replace("</head>", `  ${head}\n  </head>`));
}

async function copyStatic() {
  const copied = [];
  for (const name of await readdir(join(root, "static"))) {
    if (NOT_COPIED.includes(name)) continue;
    await cp(join(root, "static", name), join(dist, "static", name), { recursive: true });
    copied.push(...(await listFiles(join(dist, "static", name))).map((file) => `/${relative(dist, file)}`));
  }
  return copied;
}

async function listFiles(path) {
  if (!(await stat(path)).isDirectory()) return [path];
  const inside = await readdir(path);
  return (await Promise.all(inside.map((name) => listFiles(join(path, name))))).flat();
}

/** The worker with its version, which is a hash of all it will serve, and its lists of files. */
async function writeWorker(lists, beside) {
  const source = await readFile(join(root, "service-worker.js"), "utf8");
  const hash = createHash("sha256").update(source);
  for (const page of Object.values(PAGES)) hash.update(await readFile(join(dist, page.html)));
  for (const url of new Set(Object.values(lists).flat())) hash.update(await readFile(join(dist, url)));
  const version = hash.digest("hex").slice(0, 12);
  const filled = source
    .replace('"__VERSION__"', JSON.stringify(version))
    .replace('"__FILES__"', JSON.stringify(lists))
    .replace('"__BESIDE__"', JSON.stringify(beside));
  if (filled.includes("__")) throw new Error("The service worker has a place that was not filled in.");
  await writeFile(join(dist, "service-worker.js"), filled);
}

/** What the first screen costs on the wire, which is what a phone on a bad line waits for. */
async function report(name, loaded) {
  const size = async (url) => gzipSync(await readFile(join(dist, url))).length;
  const sum = async (urls) => {
    const sizes = await Promise.all(urls.map(size));
    return `${(sizes.reduce((all, one) => all + one, 0) / 1024).toFixed(1)} kB`;
  };
  const [first, all, styles] = [await sum(loaded.first), await sum(loaded.scripts), await sum(loaded.styles)];
  process.stdout.write(`${name}: first script ${first}, all ${all}, styles ${styles} compressed\n`);
}

await buildAll();
if (process.argv.includes("--watch")) {
  let waiting = false;
  for await (const change of watch(root, { recursive: true })) {
    if (waiting || /^(dist|build\b|node_modules)/.test(change.filename ?? "")) continue;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      buildAll().catch((error) => process.stderr.write(`${error.message}\n`));
    }, 100);
  }
}
