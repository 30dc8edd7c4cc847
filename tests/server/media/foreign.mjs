// A client of tus that is not ours, told what to do in one line of JSON; prints what became of it in another.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { FileUrlStorage, Upload } = createRequire(new URL("../../../pwa/package.json", import.meta.url))("tus-js-client");
const told = JSON.parse(process.argv[2]);

/** Ends with what the client says of the upload: done, stopped by us at `stopAt` bytes, or failed. */
function upload() {
  return new Promise((resolve) => {
    const one = new Upload(readFileSync(told.file), {
      endpoint: told.endpoint,
      headers: { Authorization: `Bearer ${told.token}` },
      metadata: told.metadata,
      chunkSize: told.chunk ?? Number.POSITIVE_INFINITY,
      uploadDataDuringCreation: told.early ?? false,
      retryDelays: told.retries ?? [],
      urlStorage: new FileUrlStorage(told.storage),
      fingerprint: async () => told.metadata.photo,
      storeFingerprintForResuming: true,
      onProgress(sent) {
        if (told.stopAt && sent >= told.stopAt) {
          one.abort(told.terminate ?? false).then(() => resolve({ is: "stopped", url: one.url }));
        }
        if (told.say) process.stdout.write(`${sent}\n`);
      },
      onSuccess: ({ lastResponse }) =>
        resolve({ is: "done", url: one.url, receipt: lastResponse.getHeader("Upload-Receipt") ?? null }),
      onError: (error) => resolve({ is: "failed", status: error.originalResponse?.getStatus() ?? 0 }),
    });
    one.findPreviousUploads().then((known) => {
      if (known.length > 0) one.resumeFromPreviousUpload(known[0]);
      one.start();
    });
  });
}

process.stdout.write(`${JSON.stringify(await upload())}\n`);
