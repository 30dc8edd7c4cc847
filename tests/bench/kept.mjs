// What the app's store keeps of each record: the app's own code writes it, and its length is told.
//
// Records as they travelled come on standard input, one a line; a list of bytes comes out, one number a record.
// Counted is what one record more adds to the text of its bucket, less its data and its own id.
import { createInterface } from "node:readline";
import { build } from "../../pwa/node_modules/esbuild/lib/main.js";

const source = new URL("../../pwa/src/sync/confirmed.ts", import.meta.url).pathname;
const { outputFiles } = await build({ entryPoints: [source], bundle: true, format: "esm", write: false });
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const { bucketText } = await import(`data:text/javascript;base64,${code}`);

const bytes = (text) => Buffer.byteLength(text);
const kept = [];
for await (const line of createInterface({ input: process.stdin })) {
  const record = JSON.parse(line);
  const two = bucketText(new Map([["a", record], ["b", record]]));
  const one = bucketText(new Map([["a", record]]));
  kept.push(bytes(two) - bytes(one) - bytes(JSON.stringify(record.data)) - bytes(record.id));
}
console.log(JSON.stringify(kept));
