/**
 * Bundles the host of the phones for Node: `node build.mjs OUT [PLANTS]`.
 *
 * PLANTS is a JSON list of planted bugs, `{"file", "find", "put"}`: the text `find` of the source `file` is replaced by
 * `put` while it is bundled. The product itself has no switches; a text that is not there exactly once is an error, so
 * that a plant that went stale is noticed.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const { build } = createRequire(join(root, "pwa", "package.json"))("esbuild");
const [out, plants = "[]"] = process.argv.slice(2);

const byFile = new Map();
for (const plant of JSON.parse(plants)) byFile.set(plant.file, [...(byFile.get(plant.file) ?? []), plant]);

const planting = {
  name: "planting",
  setup(run) {
    run.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const wanted = byFile.get(relative(root, path));
      if (wanted === undefined) return undefined;
      let contents = await readFile(path, "utf8");
      for (const { file, find, put } of wanted) {
        const found = contents.split(find).length - 1;
        if (found !== 1) throw new Error(`${file} has ${found} times what a plant looks for: ${find}`);
        contents = contents.replace(find, () => put);
      }
      return { contents, loader: "ts" };
    });
  },
};

await build({
  entryPoints: [join(here, "host.ts")],
  outfile: out,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: "inline",
  plugins: [planting],
  logLevel: "warning",
});
