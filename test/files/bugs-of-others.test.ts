// What other file servers got wrong with conditions and ranges, by the numbers of their reports.

import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { RawClient } from "../raw-client.ts";
import { parseParts } from "./parts.ts";
import { type Answer, openFilesBelow, type Site, startSite, until } from "./running-site.ts";
import { emptyDirectory, put, putSparse } from "./tree.ts";

const MODIFIED = new Date("2020-02-02T02:02:02Z");
const LETTERS = "abcdefghij";
const directory = emptyDirectory();
let site: Site;

before(async () => {
  put(directory.path, "ten.txt", LETTERS);
  put(directory.path, "empty.txt", "");
  putSparse(directory.path, "large.bin", 1_000_000);
  for (const name of ["ten.txt", "empty.txt", "large.bin"])
    utimesSync(join(directory.path, name), MODIFIED, MODIFIED);
  site = await startSite({ directory: directory.path });
  // So that tags are strong; no event tells that the time has passed.
  await delay(2_700);
});
after(async () => {
  await site[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const ask = (fields: Record<string, string>, target = "/ten.txt", method = "GET"): Promise<Answer> =>
  site.ask(target, { method, fields });
const shown = ({ status, text }: Answer): string => `${status} ${text}`;

describe("serve-handler, serve", () => {
  it("#121, #235: a 304 leaves no file open, nor does a 412, a 416 or a HEAD", async () => {
    for (let i = 0; i < 20; i++) {
      for (const target of ["/large.bin", "/ten.txt"]) {
        assert.equal((await ask({ "If-None-Match": "*" }, target)).status, 304);
        assert.equal((await ask({ "If-Match": '"x"' }, target)).status, 412);
        assert.equal((await ask({ Range: "bytes=1000000-" }, target)).status, 416);
        assert.equal((await ask({ Range: "bytes=0-1" }, target, "HEAD")).status, 200);
      }
    }
    assert.ok(openFilesBelow(directory.path) <= 0);
  });

  it("a 416 does not carry the whole file", async () => {
    const answer = await ask({ Range: "bytes=1000000-" }, "/large.bin");
    assert.equal(answer.status, 416);
    assert.ok(answer.body.length < 2000);
  });

  it("If-Modified-Since is not ignored where Last-Modified is sent, and a 304 has its fields", async () => {
    const whole = await ask({});
    const answer = await ask({ "If-Modified-Since": whole.get("last-modified")! });
    assert.deepEqual([answer.status, answer.get("etag")], [304, whole.get("etag")]);
  });
});

describe("http-server", () => {
  it("`bytes=-N` is no 416", async () => assert.equal(shown(await ask({ Range: "bytes=-3" })), "206 hij"));

  it("If-None-Match wins: the date need not match, too; lists and `*` are read", async () => {
    const etag = (await ask({})).get("etag")!;
    const old = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (const value of [etag, `"a", ${etag}`, "*"])
      assert.equal((await ask({ "If-None-Match": value, "If-Modified-Since": old })).status, 304);
  });

  it("#512: a download that is broken off leaves no file open", async () => {
    for (let i = 0; i < 10; i++) {
      using client = await RawClient.connect(site.port);
      client.send("GET /large.bin HTTP/1.1\r\nHost: x\r\nRange: bytes=1-,0-0\r\n\r\n");
      await client.untilText("206");
      client.reset();
    }
    await until(() => openFilesBelow(directory.path) <= 0, "all files closed");
  });
});

describe("sirv", () => {
  it("#175: `bytes=0-18446744073709551615` ends no process", async () => {
    assert.equal(shown(await ask({ Range: "bytes=0-18446744073709551615" })), `206 ${LETTERS}`);
    assert.equal((await ask({ Range: "bytes=18446744073709551615-" })).status, 416);
  });

  it("#40: Accept-Ranges is on the 200, so that players know", async () =>
    assert.equal((await ask({})).get("accept-ranges"), "bytes"));

  it("`0-0` is one byte, `-N` a suffix", async () => {
    assert.equal(shown(await ask({ Range: "bytes=0-0" })), "206 a");
    assert.equal(shown(await ask({ Range: "bytes=-1" })), "206 j");
  });
});

describe("send, serve-static, @fastify/send", () => {
  it("#111: If-Range takes no weak tag, and no part of a tag", async () => {
    const etag = (await ask({})).get("etag")!;
    for (const value of [`W/${etag}`, etag.slice(0, -2), `"x", ${etag}`, `x${etag}`, ""]) {
      const answer = await ask({ "If-Range": value, Range: "bytes=0-1" });
      assert.equal(shown(answer), `200 ${LETTERS}`, value);
    }
    assert.equal((await ask({ "If-Range": etag, Range: "bytes=0-1" })).status, 206);
  });

  it("#113, #114: several ranges are multipart", async () => {
    const answer = await ask({ Range: "bytes=0-1,8-9" });
    const parts = parseParts(answer.body, answer.get("content-type")!);
    assert.deepEqual(
      parts.map(({ body }) => body),
      ["ab", "ij"],
    );
  });

  it("range-parser: a suffix longer than the file is the file, `5-3` and `abc` are ignored, empty members are skipped", async () => {
    assert.equal(shown(await ask({ Range: "bytes=-50" })), `206 ${LETTERS}`);
    assert.equal(shown(await ask({ Range: "bytes=5-3" })), `200 ${LETTERS}`);
    assert.equal(shown(await ask({ Range: "bytes=abc" })), `200 ${LETTERS}`);
    assert.equal(shown(await ask({ Range: "bytes=,1-2," })), "206 bc");
  });

  it("fresh: a request with Cache-Control: no-cache still may be answered with 304", async () =>
    assert.equal((await ask({ "If-None-Match": "*", "Cache-Control": "no-cache" })).status, 304));
});

describe("@hono/node-server", () => {
  it("#190: what is no number ends no process, and is no 206 of everything", async () => {
    for (const value of ["bytes=NaN-NaN", "bytes=a-b", "bytes=--", "bytes=1-b"])
      assert.equal(shown(await ask({ Range: value })), `200 ${LETTERS}`);
  });

  it("#189: a 304 is sent", async () =>
    assert.equal((await ask({ "If-Modified-Since": MODIFIED.toUTCString() })).status, 304));

  it("#348, #350: the date is that of the change, not of the birth", async () =>
    assert.equal((await ask({})).get("last-modified"), MODIFIED.toUTCString()));
});

describe("others", () => {
  it("dufs #690: no range underflows, also of an empty file", async () => {
    for (const [value, target, status] of [
      ["bytes=-0", "/ten.txt", 416],
      ["bytes=-0", "/empty.txt", 416],
      ["bytes=0-", "/empty.txt", 416],
      ["bytes=-1", "/empty.txt", 200],
      ["bytes=0--1", "/ten.txt", 200],
      ["bytes=10-5", "/ten.txt", 200],
    ] as const)
      assert.equal((await ask({ Range: value }, target)).status, status, `${value} ${target}`);
  });

  it("static-web-server #669: a suffix is the end of the file, not its beginning", async () =>
    assert.equal(shown(await ask({ Range: "bytes=-2" })), "206 ij"));

  it("deno std #2207: a weak tag matches in If-None-Match", async () => {
    const etag = (await ask({})).get("etag")!;
    assert.equal((await ask({ "If-None-Match": `W/${etag}` })).status, 304);
  });

  it("python #86809: a range is answered with 206", async () =>
    assert.equal(shown(await ask({ Range: "bytes=1-2" })), "206 bc"));

  it("bytes=1-1 a thousand times is no thousand parts (CVE-2011-3192)", async () => {
    const answer = await ask({ Range: `bytes=${"1-1,".repeat(1000)}1-1` });
    assert.ok(answer.body.length <= LETTERS.length);
    const overlapping = Array.from({ length: 200 }, (_, i) => `${i}-`).join(",");
    assert.equal((await ask({ Range: `bytes=${overlapping}` }, "/large.bin")).body.length, 1_000_000);
  });
});
