// What proxies and caches in front of a server send it, word for word, and what they need from its answers (docs/proxies.md).

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { DEFAULT_LIMITS } from "../../src/server/limits.ts";
import { startSite as startScripts } from "../cgi/running-site.ts";
import { type Site, startSite } from "../files/running-site.ts";
import { parseResponses, RawClient, type RawResponse } from "../raw-client.ts";
import { type Told, tell } from "./noting-handler.ts";

const TEXT = Array.from({ length: 400 }, (_, line) => `line ${line} of a text\n`).join("");

describe("behind a proxy", () => {
  let root: string;
  let site: Site;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), "htbin-proxies-"));
    writeFileSync(join(root, "text.txt"), TEXT);
    site = await startSite({ directory: root });
  });
  after(async () => {
    await site[Symbol.asyncDispose]();
    rmSync(root, { recursive: true });
  });

  /** Puts the clock ahead, so that the file counts as settled and its tags are strong. */
  function settle(t: TestContext): void {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 60_000 });
  }

  it("a connection waits longer than nginx, Varnish and Squid keep theirs: a POST that meets a close is lost", () => {
    assert.ok(DEFAULT_LIMITS.idleTime > 60_000);
  });

  it("nginx with `keepalive` and HAProxy send HTTP/1.1 without Connection, and reuse the connection", async () => {
    using proxy = await RawClient.connect(site.port);
    const request = "GET /text.txt HTTP/1.1\r\nHost: www.example\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n";
    for (const count of [1, 2, 3]) {
      proxy.send(request);
      const answers = await proxy.responses(count);
      assert.equal(answers[count - 1]!.body.toString(), TEXT);
    }
  });

  it("nginx by default sends HTTP/1.0 with `Connection: close`, and gets a length and the end", async () => {
    using proxy = await RawClient.connect(site.port);
    proxy.send("GET /text.txt HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    const [answer] = parseResponses(await proxy.untilEnd());
    assert.equal(answer!.get("content-length"), String(TEXT.length));
    assert.equal(answer!.body.toString(), TEXT);
  });

  it("Squid, Varnish, Apache and nginx ask with tag and date at once: the tag decides (RFC 9110 §13.1.3)", async (t) => {
    settle(t);
    const first = await site.ask("/text.txt");
    const [tag, date] = [first.get("etag")!, first.get("last-modified")!];
    const about = (tags: string) => ({
      Via: "1.1 cache (squid/5.7)",
      "Cache-Control": "max-age=259200",
      "If-Modified-Since": date,
      "If-None-Match": tags,
    });
    assert.equal((await site.ask("/text.txt", { fields: about(tag) })).status, 304);
    assert.equal((await site.ask("/text.txt", { fields: about('"older"') })).status, 200);
    // Of an answer that it had to unpack, Varnish keeps the tag as a weak one.
    assert.equal((await site.ask("/text.txt", { fields: about(`W/${tag}`) })).status, 304);
  });

  it("a 304 brings what a cache has to update: Cache-Control, Date, ETag, Vary (RFC 9110 §15.4.5)", async (t) => {
    settle(t);
    const whole = await site.ask("/text.txt");
    const answer = await site.ask("/text.txt", { fields: { "If-None-Match": whole.get("etag")! } });
    assert.equal(answer.status, 304);
    for (const name of ["cache-control", "etag", "vary"])
      assert.equal(answer.get(name), whole.get(name), name);
    assert.notEqual(answer.get("date"), undefined);
  });

  it("a cache with several codings asks about all of them, and is told which one the client gets (RFC 9111 §4.3.1)", async (t) => {
    settle(t);
    const codings = ["identity", "gzip", "br"];
    const tags: string[] = [];
    for (const coding of codings) {
      const answer = await site.ask("/text.txt", { fields: { "Accept-Encoding": coding } });
      assert.equal(answer.get("content-encoding"), coding === "identity" ? undefined : coding);
      assert.equal(answer.get("vary"), "Accept-Encoding");
      tags.push(answer.get("etag")!);
    }
    assert.equal(new Set(tags).size, codings.length);
    for (const [number, coding] of codings.entries()) {
      const fields = { "Accept-Encoding": coding, "If-None-Match": tags.join(", ") };
      const answer = await site.ask("/text.txt", { fields });
      assert.deepEqual([answer.status, answer.get("etag")], [304, tags[number]]);
    }
  });

  it("slices of nginx and parts of aria2 fit together: one tag, one length, the bytes in between (RFC 9110 §14.4)", async (t) => {
    settle(t);
    for (const coding of ["identity", "gzip"]) {
      const parts: RawResponse[] = [];
      let length = 1;
      for (let from = 0; from < length; from += 500) {
        const fields = { "Accept-Encoding": coding, Range: `bytes=${from}-${from + 499}` };
        const part = await site.ask("/text.txt", { fields });
        assert.equal(part.status, 206);
        length = Number(/\/(\d+)$/.exec(part.get("content-range")!)![1]);
        parts.push(part);
      }
      assert.deepEqual(new Set(parts.map((part) => part.get("etag"))).size, 1);
      const bytes = Buffer.concat(parts.map((part) => part.body));
      assert.equal((coding === "gzip" ? gunzipSync(bytes) : bytes).toString(), TEXT);
    }
  });

  it("Upgrade is ignored, also with a body: the answer is a plain one, and the next request is the next (RFC 9110 §7.8)", async () => {
    const websocket =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const h2c =
      "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";
    const next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const fields of [websocket, h2c]) {
      for (const body of ["", next]) {
        const length = body === "" ? "" : `Content-Length: ${body.length}\r\n`;
        const { seen, statuses } = await tell(
          `GET / HTTP/1.1\r\nHost: a\r\n${fields}${length}\r\n${body}${next}`,
        );
        assert.deepEqual(statuses, [200, 200]);
        assert.deepEqual(
          seen.map((one) => [one.path, one.body]),
          [
            ["/", body],
            ["/next", ""],
          ],
        );
      }
    }
  });

  it("HTTP/2 without asking is one error and the end (RFC 9113 §3.4)", async () => {
    const { seen, statuses, saysClose } = await tell(
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0GET /next HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    assert.deepEqual([seen, statuses, saysClose], [[], [505], true]);
  });

  const noShell = process.platform === "win32" && "the script is for /bin/sh";
  it("what a client says of itself is passed on, and believed in nothing", { skip: noShell }, async (t) => {
    const scripts = await startScripts(t);
    scripts.script("env.sh", "#!/bin/sh\necho Content-Type: text/plain\necho\nenv\n");
    const answer = await scripts.exchange(
      "GET /cgi-bin/env.sh HTTP/1.1\r\nHost: www.example:81\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.1\r\n" +
        "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Prefix: /evil\r\n" +
        "Forwarded: for=192.0.2.1;host=evil.example;proto=https\r\nX-Real-IP: 192.0.2.1\r\n" +
        "X-Original-URL: /evil\r\nX-Rewrite-URL: /evil\r\nX-HTTP-Method-Override: DELETE\r\n\r\n",
    );
    const said = new Map(answer.split(/\r?\n/).map((line) => line.split(/=(.*)/s, 2) as [string, string]));
    for (const [name, value] of [
      ["REMOTE_ADDR", "127.0.0.1"],
      ["SERVER_NAME", "www.example"],
      ["REQUEST_SCHEME", "http"],
      ["HTTPS", undefined],
      ["REQUEST_METHOD", "GET"],
      ["REQUEST_URI", "/cgi-bin/env.sh"],
      ["SCRIPT_NAME", "/cgi-bin/env.sh"],
      ["HTTP_X_FORWARDED_FOR", "192.0.2.1"],
    ] as const) {
      assert.equal(said.get(name), value, name);
    }
  });
});

/** Requests of which two servers in a row might see a different number. Each has another behind it, and one inside its body. */
describe("no request is read in two ways", () => {
  const INSIDE = "GET /inside HTTP/1.1\r\nHost: a\r\n\r\n";
  const NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
  /** The request in the body is read by who takes it for chunked, and by who believes that there is no body. */
  const AS_LENGTH = `0\r\n\r\n${INSIDE}`;
  const AS_CHUNK = `${INSIDE.length.toString(16)}\r\n${INSIDE}\r\n0\r\n\r\n`;

  const BLANKS = ["\t", "\x0b", "\x0c", "\0", "\r", "\n", "\x7f", "\xa0", "\xff", "\r\n ", "\n "];
  const NAMES = ["Content-Length", "Transfer-Encoding"] as const;
  const VALUE = { "Content-Length": String(AS_LENGTH.length), "Transfer-Encoding": "chunked" } as const;

  function post(fields: string, body: string): Promise<Told> {
    return tell(`POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}${NEXT}`);
  }

  /** One refusal, which is the end; nothing is handled. */
  async function refused(fields: string, body: string): Promise<void> {
    const { seen, statuses, saysClose } = await post(fields, body);
    const what = JSON.stringify(fields);
    assert.equal(statuses.length, 1, what);
    assert.ok([400, 501].includes(statuses[0]!), what);
    assert.ok(saysClose, what);
    assert.deepEqual(seen, [], what);
  }

  for (const name of NAMES) {
    const other = name === "Content-Length" ? "Transfer-Encoding" : "Content-Length";
    const body = name === "Content-Length" ? AS_LENGTH : AS_CHUNK;

    it(`${name} with anything but its value is refused`, async () => {
      for (const blank of BLANKS.filter((each) => each !== "\t")) {
        await refused(`${name}: ${blank}${VALUE[name]}\r\n`, body);
        await refused(`${name}: ${VALUE[name]}${blank}\r\n`, body);
        await refused(`${name}: ${VALUE[name].slice(0, 1)}${blank}${VALUE[name].slice(1)}\r\n`, body);
      }
      for (const [before, behind] of [
        "+ ",
        "- ",
        " ;",
        " ,",
        ", ",
        '""',
        "''",
        " ;q=1",
        " x",
        "x ",
        "0x ",
        " .0",
      ].map((both) => both.split(both.includes(" ") ? " " : /(?<=.)/))) {
        await refused(`${name}: ${before}${VALUE[name]}${behind}\r\n`, body);
      }
    });

    it(`${name} by almost its name is refused, or is another field`, async () => {
      for (const blank of [" ", ...BLANKS]) {
        await refused(`${name}${blank}: ${VALUE[name]}\r\n`, body);
        // An empty line would be the end of the head.
        await refused(`${blank === "\r\n " ? "A: b\r\n " : blank}${name}: ${VALUE[name]}\r\n`, body);
        await refused(`${name.replace("-", blank)}: ${VALUE[name]}\r\n`, body);
      }
      // A name that is a token is a name, and means nothing: this POST has no body.
      const { seen } = await tell(
        `POST / HTTP/1.1\r\nHost: a\r\n${name.replace("-", "_")}: ${VALUE[name]}\r\n\r\n${INSIDE}`,
      );
      assert.deepEqual(
        seen.map((one) => one.path),
        ["/", "/inside"],
      );
    });

    it(`${name} twice, or beside ${other}, is refused, in whatever order and spelling`, async () => {
      for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
        await refused(`${name}: ${VALUE[name]}\r\nA: b\r\n${spelling}: ${VALUE[name]}\r\n`, body);
        await refused(`${spelling}: ${VALUE[name]}\r\nA: b\r\n${other}: ${VALUE[other]}\r\n`, body);
        await refused(`${spelling}: ${VALUE[name]}\r\n${other}: \r\n`, body);
      }
    });
  }

  it("a Connection field takes no other field away", async () => {
    for (const name of NAMES) {
      const body = name === "Content-Length" ? AS_LENGTH : AS_CHUNK;
      const { seen } = await post(
        `Connection: keep-alive, ${name}, Host\r\n${name}: ${VALUE[name]}\r\n`,
        body,
      );
      assert.deepEqual(
        seen.map((one) => one.path),
        ["/", "/next"],
      );
    }
  });
});
