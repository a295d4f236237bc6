// Uploads: PUT or POST streams a body into a file, GET serves it. A file appears whole, or not at all.
//
//   npm run build -- --all && node build/examples/upload.js 8000 uploads
//   curl --upload-file photo.jpg http://127.0.0.1:8000/photo.jpg

import { randomUUID } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, promises } from "node:fs";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { HTTPRequestError, SimpleHTTPRequestHandler, ThreadingHTTPServer } from "htbin";

const FOLDER = resolve(process.argv[3] ?? "uploads");
const LARGEST = 1024 ** 3;

class UploadHandler extends SimpleHTTPRequestHandler {
  override directory = FOLDER;

  async do_PUT(): Promise<void> {
    // One plain name: no folders, no dot files, nothing encoded.
    if (!/^\/\w[\w.-]*$/.test(this.path)) return this.sendError(400, "Letters, digits and . _ - make a name");
    const file = join(FOLDER, this.path);
    const part = join(FOLDER, `.${randomUUID()}.part`); // a dot file: not served, not listed
    try {
      await pipeline(this.rfile, bounded, createWriteStream(part, { flags: "wx" }));
      this.sendResponse(existsSync(file) ? 200 : 201);
      await promises.rename(part, file);
    } finally {
      await promises.rm(part, { force: true });
    }
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
  }
  do_POST = this.do_PUT;
}

async function* bounded(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const piece of body) {
    if ((size += piece.length) > LARGEST) throw new HTTPRequestError(413, "1 GiB at most");
    yield piece;
  }
}

mkdirSync(FOLDER, { recursive: true });
const port = Number(process.argv[2] ?? process.env["PORT"] ?? 8000);
const server = new ThreadingHTTPServer(["127.0.0.1", port], UploadHandler);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.shutdown());
await server.listen();
console.log(`http://127.0.0.1:${server.serverPort}/`);
await server.serveForever();
