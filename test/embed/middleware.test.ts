// htbin between other middleware: some take the path of a mount away, some stand in for the response.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { createGzip } from "node:zlib";

import { cgiListener } from "htbin/cgi";
import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";

const log = { write: (): void => {} };

async function serveWith(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function site(context: TestContext): string {
  const directory = temporaryDirectory(context);
  put(directory, "sub/a.txt", "text");
  putScript(directory, "cgi-bin/name", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s' $SCRIPT_NAME\n");
  putScript(
    directory,
    "cgi-bin/lines",
    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nseq 1 40000\nsleep 0.1\nseq 1 40000\n",
  );
  putScript(
    directory,
    "cgi-bin/waits",
    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nfirst\\n'\nexec sleep 60\n",
  );
  return directory;
}

/** As connect, polka and middie mount: `url` loses the mount, `originalUrl` keeps it, and there is no `baseUrl`. */
function mounted(at: string, listener: ReturnType<typeof cgiListener>): RequestListener {
  return (request, response) => {
    const url = request.url ?? "/";
    const rest = url.slice(at.length);
    Object.assign(request, { originalUrl: url, url: rest.startsWith("/") ? rest : `/${rest}` });
    listener(request, response);
  };
}

describe("a mount in connect, polka and middie", () => {
  it("is part of SCRIPT_NAME and of redirects", async (t) => {
    const url = await serveWith(t, mounted("/m", cgiListener({ directory: site(t), files: true, log })));
    assert.equal(await (await fetch(`${url}/m/cgi-bin/name?x=/`)).text(), "/m/cgi-bin/name");
    for (const [path, location] of [
      ["/m/sub?x=/y", "/m/sub/?x=/y"],
      ["/m", "/m/"],
      ["/m?x=1", "/m/?x=1"],
    ] as const) {
      const response = await fetch(url + path, { redirect: "manual" });
      assert.deepEqual([response.status, response.headers.get("location")], [301, location], path);
    }
    assert.equal((await fetch(`${url}/m/`)).status, 200);
  });

  it("is none where the path was rewritten to another one", async (t) => {
    const listener = cgiListener({ directory: site(t), files: true, log });
    const url = await serveWith(t, (request, response) => {
      Object.assign(request, { originalUrl: request.url, url: "/sub/a.txt" });
      listener(request, response);
    });
    assert.equal(await (await fetch(`${url}/page?x`)).text(), "text");
  });
});

/** As `compression` of express does it: `write` knows no callback, `on("drain")` is about the stream that compresses. */
function compressing(response: ServerResponse): void {
  const gzip = createGzip();
  const write = response.write.bind(response) as (bytes: Buffer) => boolean;
  const end = response.end.bind(response) as () => void;
  const on = response.on.bind(response);
  gzip.on("data", (bytes: Buffer) => write(bytes) || gzip.pause());
  on("drain", () => void gzip.resume());
  gzip.on("end", () => end());
  const sendHead = response.flushHeaders.bind(response);
  Object.assign(response, {
    flushHeaders() {
      response.removeHeader("Content-Length");
      response.setHeader("Content-Encoding", "gzip");
      sendHead();
    },
    write: (bytes: Buffer) => gzip.write(bytes),
    end: () => void gzip.end(),
    on: (event: string, listener: () => void) =>
      event === "drain" ? gzip.on(event, listener) : on(event, listener),
    flush: () => gzip.flush(),
  });
}

describe("behind middleware that compresses", () => {
  for (const [what, path, lines] of [
    ["a listing", "/sub/", undefined],
    ["what a script prints in many pieces", "/cgi-bin/lines", 80_000],
  ] as const) {
    it(`${what} comes whole`, async (t) => {
      const listener = cgiListener({ directory: site(t), files: true, compress: false, log });
      const warnings: Error[] = [];
      const onWarning = (warning: Error): void => void warnings.push(warning);
      process.on("warning", onWarning);
      t.after(() => process.off("warning", onWarning));
      const url = await serveWith(t, (request, response) => {
        compressing(response);
        listener(request, response);
      });
      const text = await (await fetch(url + path, { signal: AbortSignal.timeout(30_000) })).text();
      if (lines === undefined) assert.match(text, /a\.txt.*<\/html>/s);
      else assert.equal(text.trim().split("\n").length, lines);
      assert.deepEqual(warnings, []);
    });
  }

  it("a script's first line does not wait for the next", async (t) => {
    const listener = cgiListener({ directory: site(t), log });
    const url = await serveWith(t, (request, response) => {
      compressing(response);
      listener(request, response);
    });
    const response = await fetch(`${url}/cgi-bin/waits`, { signal: AbortSignal.timeout(30_000) });
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    assert.equal(Buffer.from(value!).toString(), "first\n");
    await reader.cancel();
  });
});

describe("behind a body parser", () => {
  /** As express.json(): the body has been read to its end. */
  const parsed =
    (listener: ReturnType<typeof cgiListener>, next?: (error?: unknown) => void): RequestListener =>
    (request, response) => {
      request.resume().on("end", () =>
        listener(
          request,
          response,
          next &&
            ((error) => {
              next(error);
              response.end("next");
            }),
        ),
      );
    };
  const post = { method: "POST", body: "abc", signal: AbortSignal.timeout(30_000) };

  it("a request with a body that is for somebody else is left to them", async (t) => {
    const errors: unknown[] = [];
    const listener = cgiListener({ directory: site(t), files: true, log });
    const url = await serveWith(
      t,
      parsed(listener, (error) => errors.push(error)),
    );
    for (const path of ["/api", "/sub/a.txt"])
      assert.equal(await (await fetch(url + path, post)).text(), "next", path);
    assert.deepEqual(errors, [undefined, undefined]);
  });

  it("a script that would get no body is an error that says so", async (t) => {
    const errors: unknown[] = [];
    const listener = cgiListener({ directory: site(t), log });
    const url = await serveWith(
      t,
      parsed(listener, (error) => errors.push(error)),
    );
    assert.equal(await (await fetch(`${url}/cgi-bin/name`, post)).text(), "next");
    assert.match(String(errors), /the request body was read before/);
  });

  it("htbin's own errors are answered as ever", async (t) => {
    const listener = cgiListener({ directory: site(t), files: true, log });
    const url = await serveWith(t, parsed(listener));
    assert.equal((await fetch(`${url}/sub/a.txt`, post)).status, 501);
    assert.equal((await fetch(`${url}/cgi-bin/name`, post)).status, 500);
  });
});
