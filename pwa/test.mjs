/**
 * Runs tests/pwa: each file is bundled by esbuild to a temporary folder and given to `node --test`.
 *
 * Node 20 runs no TypeScript, and a bundle also shows that the core needs nothing but what it imports.
 * Arguments are parts of file names: `npm test -- overlay` runs only tests/pwa/overlay.test.ts.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const folder = join(root, "..", "tests", "pwa");
const wanted = process.argv.slice(2);

const sources = (await readdir(folder))
  .filter((name) => name.endsWith(".test.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (sources.length === 0) throw new Error(`No test in tests/pwa has ${wanted.join(" or ")} in its name.`);

const target = await mkdtemp(join(tmpdir(), "workbay-pwa-tests-"));
await build({
  entryPoints: sources.map((name) => join(folder, name)),
  outdir: target,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: "inline",
  nodePaths: [join(root, "node_modules")],
  define: { WORKBAY_ROOT: JSON.stringify(join(root, "..")) },
  logLevel: "warning",
});
const built = sources.map((name) => join(target, name.replace(/\.ts$/, ".mjs")));
const run = spawn(process.execPath, ["--enable-source-maps", "--test", ...built], { stdio: "inherit" });
run.on("exit", async (code) => {
  await rm(target, { recursive: true, force: true });
  process.exit(code ?? 1);
});
