// Overrides of the script runner's steps that are async by mistake: 500, the log says so, and other requests are answered.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import { feed } from "../handler/fed.ts";
import { put, putScript, temporaryDirectory } from "./temporary-directory.ts";

async function rejects(): Promise<never> {
  await new Promise((resolve) => setImmediate(resolve));
  throw new Error("rejected");
}

const get = (path: string, fields = "", method = "GET"): string =>
  `${method} ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;

describe(
  "an override of a script runner's step that rejects",
  { skip: process.platform === "win32" && "the scripts are for /bin/sh" },
  () => {
    const script = get("/cgi-bin/x");
    const file = get("/file.txt");
    const expecting = get("/cgi-bin/x", "Expect: 100-continue\r\nContent-Length: 1\r\n", "POST");
    const cases: readonly (readonly [name: string, request: string, told: RegExp])[] = [
      ["isCgi", script, /isCgi\(\) returned a promise/],
      ["isExecutable", script, /isExecutable\(\) returned a promise/],
      ["maySend", file, /maySend\(\) returned a promise/],
      ["allowedMethods", get("/file.txt", "", "OPTIONS"), /allowedMethods\(\) returned a promise/],
      ["runCgi", script, /^rejected$/],
      ["startScript", script, /^rejected$/],
      ["handleExpect100", expecting, /handleExpect100\(\) returned a promise/],
    ];
    for (const [name, request, told] of cases) {
      it(`${name}(): 500, and the reason in the log`, async (context) => {
        const root = temporaryDirectory(context);
        putScript(root, "cgi-bin/x", "#!/bin/sh\necho Content-Type: text/plain\necho\necho hi\n");
        put(root, "file.txt", "file\n");
        class Handler extends CGIHTTPRequestHandler {
          override directory = root;
          override logMessage(): void {}
        }
        Object.defineProperty(Handler.prototype, name, { value: rejects });
        const { output, errors } = await feed(Handler, request);
        assert.match(output, /^HTTP\/1\.1 500 /);
        assert.match((errors[0] as Error | undefined)?.message ?? "", told);
      });
    }
  },
);

describe("a handler that overrides nothing", () => {
  it("is not guarded: a connection costs what it did", async () => {
    for (const Handler of [BaseHTTPRequestHandler, SimpleHTTPRequestHandler, CGIHTTPRequestHandler]) {
      const { handler } = await feed(Handler, "");
      const methods = Object.getOwnPropertyNames(handler).filter(
        (name) => typeof Reflect.get(handler, name) === "function",
      );
      assert.deepEqual(methods, ["MessageClass"], Handler.name);
    }
  });
});
