// A JSON API: a list of notes, kept in memory. It reads request bodies from `rfile` and bounds what it reads.
//
//   npm run build -- --all && node build/examples/json-api.js 8000
//   curl --json '{"text":"buy milk"}' http://127.0.0.1:8000/notes

import { text } from "node:stream/consumers";
import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "htbin";

const notes: string[] = [];

class NotesHandler extends BaseHTTPRequestHandler {
  override protocolVersion = "HTTP/1.1";

  do_GET(): void {
    if (this.path !== "/notes") return this.sendError(404);
    this.#answer(200, notes);
  }

  async do_POST(): Promise<void> {
    if (this.path !== "/notes") return this.sendError(404);
    // `rfile` gives what Content-Length says, so this bounds the memory that a client can take.
    if (this.bodyFraming.kind !== "length") return this.sendError(411);
    if (this.bodyFraming.length > 65_536) return this.sendError(413);
    const note = parse(await text(this.rfile))?.text;
    if (typeof note !== "string") return this.sendError(400, 'A note is like {"text": "buy milk"}');
    this.#answer(201, { number: notes.push(note), text: note });
  }

  #answer(status: number, value: unknown): void {
    this.sendResponse(status);
    this.sendHeader("Content-Type", "application/json");
    this.endHeaders(); // no Content-Length: the body goes out in chunks
    this.wfile.write(`${JSON.stringify(value)}\n`);
  }
}

function parse(json: string): { text?: unknown } | undefined {
  try {
    return JSON.parse(json) as { text?: unknown };
  } catch {
    return undefined;
  }
}

const port = Number(process.argv[2] ?? process.env["PORT"] ?? 8000);
const server = new ThreadingHTTPServer(["127.0.0.1", port], NotesHandler);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.shutdown());
await server.listen();
console.log(`http://127.0.0.1:${server.serverPort}/`);
await server.serveForever();
