// Entity tags and preconditions on a real server: what is sent with them, and what is never sent for them.

import assert from "node:assert/strict";
import fs, { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { after, before, describe, it, mock } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { type ObviousAnswer, obviousAnswer } from "./obvious-transfer.ts";
import { parseParts } from "./parts.ts";
import { type Answer, openFilesBelow, type Site, startSite } from "./running-site.ts";
import { emptyDirectory, put } from "./tree.ts";

const MODIFIED = new Date("2020-02-02T02:02:02.5Z");
const DATE = "Sun, 02 Feb 2020 02:02:02 GMT";
const EXTRA = [
  ["Cache-Control", "no-cache"],
  ["Expires", "Thu, 01 Jan 2099 00:00:00 GMT"],
  ["Vary", "Accept-Encoding"],
  ["Content-Location", "/there"],
  ["X-Other", "not needed"],
] as const;

const directory = emptyDirectory();
let site: Site;

before(async () => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) % 256));
  put(directory.path, "small", bytes.subarray(0, 100));
  put(directory.path, "medium", bytes.subarray(0, 50_000));
  put(directory.path, "large", bytes);
  put(directory.path, "empty", "");
  put(directory.path, "indexed/index.html", "<p>index");
  for (const name of ["small", "medium", "large", "empty", "indexed/index.html"])
    utimesSync(join(directory.path, name), MODIFIED, MODIFIED);
  site = await startSite({ directory: directory.path, extraResponseHeaders: EXTRA });
  // Only what has been left alone for a while has a strong tag; no event tells that the time has passed.
  await delay(2_700);
});
after(async () => {
  await site[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const get = (target: string, fields: Record<string, string> = {}, method = "GET"): Promise<Answer> =>
  site.ask(target, { fields, method });

describe("ETag (RFC 9110 §8.8.3)", () => {
  for (const target of ["/small", "/medium", "/large", "/empty", "/indexed/"]) {
    it(`is strong and the same on 200, 206, 304, 412 and HEAD: ${target}`, async () => {
      const etag = (await get(target)).get("etag")!;
      assert.match(etag, /^"[\x21\x23-\x7e]+"$/);
      const answers = [
        await get(target),
        await get(target, {}, "HEAD"),
        await get(target, { "If-None-Match": etag }),
        await get(target, { "If-None-Match": `W/${etag}` }, "HEAD"),
        await get(target, { "If-Match": '"other"' }),
        await get(target, { Range: "bytes=0-0" }),
      ];
      const last = target === "/empty" ? 416 : 206;
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 304, 304, 412, last],
      );
      assert.deepEqual(
        answers.slice(0, last === 416 ? 5 : 6).map((answer) => answer.get("etag")),
        Array(last === 416 ? 5 : 6).fill(etag),
      );
    });
  }

  it("is another one for another file, and none on listings, redirects and errors", async () => {
    const tags = await Promise.all(
      ["/small", "/medium", "/large", "/empty"].map(async (target) => (await get(target)).get("etag")),
    );
    assert.equal(new Set(tags).size, 4);
    for (const target of ["/", "/indexed", "/nothing"])
      assert.equal((await get(target)).get("etag"), undefined);
  });

  it("costs no look at the disk beside the one that proves a cached file", async () => {
    await get("/small");
    const names = ["statSync", "lstatSync", "openSync"] as const;
    const spies = names.map((name) => mock.method(fs, name));
    syncBuiltinESMExports();
    await get("/small");
    await get("/small", { Range: "bytes=0-1,3-4" });
    await get("/small", { "If-None-Match": "*" });
    // Node itself reads files now and then.
    const isOurs = ({ arguments: [path] }: { arguments: unknown[] }): boolean =>
      String(path).startsWith(directory.path);
    const counts = spies.map((spy) => spy.mock.calls.filter(isOurs).length);
    mock.restoreAll();
    syncBuiltinESMExports();
    assert.deepEqual(counts, [0, 3, 0]);
  });

  it("is weak while the file is young, and then the same but strong", async () => {
    put(directory.path, "young", "young");
    let etag = "";
    // Its first tag is one that is never matched: see `settled.ts`.
    do etag = (await get("/young")).get("etag")!;
    while ((await get("/young", { "If-None-Match": etag })).status !== 304);
    assert.match(etag, /^W\/"/);
    assert.equal((await get("/young", { "If-Match": etag })).status, 412, "the comparison is strong");
    const { mtime, ctimeMs } = statSync(join(directory.path, "young"));
    for (const value of [etag, etag.slice(2), mtime.toUTCString()]) {
      const answer = await get("/young", { "If-Range": value, Range: "bytes=0-1" });
      // On a machine that was busy elsewhere the file has grown old.
      if (Date.now() - ctimeMs > 2_400) break;
      assert.equal(
        answer.status,
        200,
        "neither is a weak tag enough for If-Range, nor the date of such a file",
      );
    }
    await delay(2_700);
    assert.equal((await get("/young")).get("etag"), etag.slice(2));
    assert.equal((await get("/young", { "If-None-Match": etag })).status, 304);
    assert.equal((await get("/young", { "If-Match": etag.slice(2) })).status, 200);
  });

  it("never stands for other bytes: a file written again and again within a clock tick, its time set back", async () => {
    const file = put(directory.path, "busy", "0000");
    let etag = "";
    for (let i = 1; i < 300; i++) {
      const content = String(i).padStart(4, "0");
      writeFileSync(file, content);
      if (i % 2 === 0) utimesSync(file, MODIFIED, MODIFIED);
      const answer = await get("/busy", etag === "" ? {} : { "If-None-Match": etag });
      assert.equal(answer.text, content, `${answer.status} for ${etag}`);
      etag = answer.get("etag")!;
    }
  });
});

describe("304 (RFC 9110 §15.4.5)", () => {
  it("has the fields that update a stored response, and nothing else", async () => {
    const etag = (await get("/small")).get("etag")!;
    const answer = await get("/small", { "If-None-Match": etag });
    assert.equal(answer.status, 304);
    assert.equal(answer.body.length, 0);
    const fields = Object.fromEntries(
      answer.fields.filter(([name]) => !["Date", "Server", "Connection"].includes(name)),
    );
    assert.deepEqual(fields, { ETag: etag, ...Object.fromEntries(EXTRA.slice(0, 4)) });
  });

  it("is what a browser gets that sends both If-None-Match and If-Modified-Since, whatever the date says", async () => {
    const etag = (await get("/small")).get("etag")!;
    const fields = { "If-None-Match": etag, "If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT" };
    assert.equal((await get("/small", fields)).status, 304);
    assert.equal(
      (await get("/small", { ...fields, "If-None-Match": '"x"', "If-Modified-Since": DATE })).status,
      200,
    );
  });
});

describe("412 (RFC 9110 §15.5.13)", () => {
  it("has no body, and the fields that a 304 has", async () => {
    const etag = (await get("/small")).get("etag")!;
    for (const method of ["GET", "HEAD"]) {
      const answer = await get("/small", { "If-Match": '"other"' }, method);
      assert.equal(answer.status, 412);
      assert.equal(answer.body.length, 0);
      assert.equal(answer.get("content-length"), "0");
      const fields = answer.fields.filter(
        ([name]) => !/^(?:Date|Server|Connection|Content-Length)$/.test(name),
      );
      assert.deepEqual(Object.fromEntries(fields), { ETag: etag, ...Object.fromEntries(EXTRA.slice(0, 4)) });
    }
  });

  it("is also the answer to If-Unmodified-Since", async () => {
    assert.equal(
      (await get("/small", { "If-Unmodified-Since": "Sun, 02 Feb 2020 02:02:01 GMT" })).status,
      412,
    );
    assert.equal((await get("/small", { "If-Unmodified-Since": DATE })).status, 200);
  });
});

describe("conditions and ranges together, on a real server", () => {
  const RANGES = [undefined, "bytes=0-9", "bytes=-5", "bytes=90-, 0-1", "bytes=200000-", "bytes=3-1"];

  for (const name of ["small", "large", "empty"]) {
    it(`are answered as the obvious implementation says: ${name}`, async () => {
      const bytes = readFileSync(join(directory.path, name));
      const tag = (await get(`/${name}`)).get("etag")!;
      const file = { size: bytes.length, tag, isProvisional: false, date: Date.parse(DATE), isCoded: false };
      const conditions: Record<string, string>[] = [
        {},
        { "if-match": tag },
        { "if-match": '"x"' },
        { "if-none-match": `"x", W/${tag}` },
        { "if-none-match": '"x"', "if-modified-since": DATE },
        { "if-modified-since": DATE },
        { "if-unmodified-since": DATE, "if-range": tag },
        { "if-range": `W/${tag}` },
        { "if-range": DATE },
        { "if-range": "Sun, 02 Feb 2020 02:02:03 GMT" },
      ];
      for (const condition of conditions) {
        for (const range of RANGES) {
          for (const method of ["GET", "HEAD"]) {
            const fields = range === undefined ? condition : { ...condition, range };
            const answer = await get(`/${name}`, fields, method);
            checkAnswer(answer, obviousAnswer(method, fields, file), method, bytes);
          }
        }
      }
      assert.ok(openFilesBelow(directory.path) <= 0, "no file is left open");
    });
  }

  function checkAnswer(answer: Answer, expected: ObviousAnswer, method: string, bytes: Buffer): void {
    const size = bytes.length;
    const body = method === "HEAD" ? Buffer.alloc(0) : bytes;
    if (typeof expected === "string") {
      const status = { whole: 200, notModified: 304, preconditionFailed: 412, unsatisfiable: 416 }[expected];
      assert.equal(answer.status, status);
      if (expected === "unsatisfiable") assert.equal(answer.get("content-range"), `bytes */${size}`);
      else assert.ok(answer.body.equals(expected === "whole" ? body : Buffer.alloc(0)));
      if (expected === "whole") assert.equal(answer.get("content-length"), String(size));
    } else {
      assert.equal(answer.status, 206);
      const [[first, last]] = expected as [[number, number]];
      if (expected.length > 1) {
        assert.deepEqual(
          parseParts(answer.body, answer.get("content-type")!),
          expected.map(([from, to]) => ({
            type: "application/octet-stream",
            range: `bytes ${from}-${to}/${size}`,
            body: bytes.toString("latin1", from, to + 1),
          })),
        );
        assert.equal(answer.get("content-range"), undefined);
      } else {
        assert.equal(answer.get("content-range"), `bytes ${first}-${last}/${size}`);
        assert.ok(answer.body.equals(bytes.subarray(first, last + 1)));
      }
    }
    assert.equal(answer.get("accept-ranges"), [200, 206, 416].includes(answer.status) ? "bytes" : undefined);
  }
});

describe("an override", () => {
  it("of endHeaders adds its field to 206, 304, 412 and 416, too", async () => {
    class Cors extends SimpleHTTPRequestHandler {
      override endHeaders(): void {
        this.sendHeader("Access-Control-Allow-Origin", "*");
        super.endHeaders();
      }
    }
    await using cors = await startSite({ directory: directory.path }, Cors);
    const cases: [number, Record<string, string>][] = [
      [206, { Range: "bytes=0-1" }],
      [206, { Range: "bytes=0-1,5-6" }],
      [304, { "If-None-Match": "*" }],
      [412, { "If-Match": '"x"' }],
      [416, { Range: "bytes=100-" }],
    ];
    for (const [status, fields] of cases) {
      const answer = await cors.ask("/small", { fields });
      assert.deepEqual([answer.status, answer.get("access-control-allow-origin")], [status, "*"]);
    }
  });

  it("that throws costs its answer and no file", async () => {
    class Throws extends SimpleHTTPRequestHandler {
      override endHeaders(): void {
        if (this.headers.has("x-throw")) {
          this.headers = new this.MessageClass([]);
          throw new Error("no");
        }
        super.endHeaders();
      }
    }
    await using throwing = await startSite({ directory: directory.path }, Throws);
    for (const fields of [
      { Range: "bytes=0-1" },
      { Range: "bytes=0-1,5-6" },
      { "If-None-Match": "*" },
      { "If-Match": '"x"' },
    ]) {
      const answer = await throwing.ask("/large", { fields: { ...fields, "X-Throw": "1" } });
      assert.equal(answer.status, 500);
    }
    assert.ok(openFilesBelow(directory.path) <= 0);
  });
});
