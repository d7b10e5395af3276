// Uploads a file with tus-js-client: node upload.mjs '{"endpoint", "token", "path", "way", "metadata"}'
// Ways: plain, created (data in the creation), deferred, parallel, resumed (broken off in the middle, then continued
// by another client object), terminated (broken off, then deleted). Prints one line of JSON.

import fs from "node:fs";
import { PassThrough } from "node:stream";
import * as tus from "tus-js-client";

const given = JSON.parse(process.argv[2]);
const size = fs.statSync(given.path).size;
const answers = [];

function options(more) {
  return {
    endpoint: given.endpoint,
    headers: { Authorization: `Bearer ${given.token}` },
    metadata: given.metadata,
    chunkSize: 1024 * 1024,
    retryDelays: null,
    onAfterResponse: (request, response) => {
      answers.push([request.getMethod(), response.getStatus(), response.getHeader("X-Node-Id") ?? null]);
    },
    ...more,
  };
}

function run(source, more, begin = (upload) => upload.start()) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(source, options({ ...more, onSuccess: () => resolve(upload), onError: reject }));
    begin(upload);
  });
}

function breakOff() {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(
      fs.createReadStream(given.path),
      options({
        uploadSize: size,
        onError: reject,
        onChunkComplete: (chunk, accepted) => {
          if (accepted > size / 3) upload.abort(false).then(() => resolve(upload.url), reject);
        },
      }),
    );
    upload.start();
  });
}

const ways = {
  plain: () => run(fs.createReadStream(given.path), { uploadSize: size }),
  created: () => run(fs.createReadStream(given.path), { uploadSize: size, uploadDataDuringCreation: true }),
  // Not a file's stream: of that the client believes to know the length of the last piece, and is wrong.
  deferred: () => run(fs.createReadStream(given.path).pipe(new PassThrough()), { uploadLengthDeferred: true }),
  parallel: () => run(fs.createReadStream(given.path), { parallelUploads: 4, chunkSize: Infinity }),
  resumed: async () => run(fs.createReadStream(given.path), { uploadSize: size, uploadUrl: await breakOff() }),
  terminated: async () => {
    const url = await breakOff();
    await tus.Upload.terminate(url, options({}));
    return { url };
  },
};

try {
  const upload = await ways[given.way]();
  console.log(JSON.stringify({ url: upload.url, answers }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error), answers }));
}
