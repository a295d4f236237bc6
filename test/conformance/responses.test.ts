// http 57–78: what an origin server must do in its responses: methods, fields, preconditions, ranges (RFC 9110 §8–15).

import assert from "node:assert/strict";
import { statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { get, type Site, startSite } from "../cgi/running-site.ts";
import { put, putScript } from "../cgi/temporary-directory.ts";
import { feed } from "../handler/fed.ts";
import { parseResponses, type RawResponse } from "../raw-client.ts";
import { TestHandler } from "../server/serving.ts";
import { tell } from "./noting-handler.ts";

const CONTENT = "0123456789".repeat(20);
const MODIFIED = new Date("2020-02-02T02:02:02Z");
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** A folder with a file, a directory and a script in it. */
async function folder(t: TestContext): Promise<Site> {
  const site = await startSite(t);
  const file = put(site.root, "file.txt", CONTENT);
  utimesSync(file, MODIFIED, MODIFIED);
  put(site.root, "sub/inside.txt", "inside");
  return site;
}

async function ask(site: Site, target: string, fields = "", method = "GET"): Promise<RawResponse> {
  const text = await site.exchange(get(target, fields).replace("GET", method));
  const [response, ...more] = parseResponses(text, [method]);
  assert.ok(response !== undefined && more.length === 0 && response.isComplete, text);
  return response;
}

/** A tag that can be matched. That of a file which was changed a moment ago cannot: a few milliseconds later it is another one. */
async function tagOf(site: Site, target: string): Promise<string> {
  const end = Date.now() + 5_000;
  for (;;) {
    const etag = (await ask(site, target)).get("etag")!;
    if ((await ask(site, target, `If-None-Match: ${etag}\r\n`)).status === 304) return etag;
    assert.ok(Date.now() < end, `${etag} is never matched`);
  }
}

describe("http 57–66: methods and fields of responses", () => {
  it("http 57: GET and HEAD are supported (RFC 9110 §9.1)", async (t) => {
    const site = await folder(t);
    assert.equal((await ask(site, "/file.txt")).body.toString(), CONTENT);
    assert.equal((await ask(site, "/file.txt", "", "HEAD")).status, 200);
  });

  it("http 58: HEAD has no content, and the fields of GET with their Content-Length (RFC 9110 §9.3.2)", async (t) => {
    const site = await folder(t);
    for (const target of ["/file.txt", "/", "/sub", "/missing", "/sub/inside.txt"]) {
      const [head, whole] = [await ask(site, target, "", "HEAD"), await ask(site, target)];
      assert.equal(head.status, whole.status, target);
      // The files are young: their tags may become others between the two. Of what is made while it is sent nobody knows the length; HEAD
      // may leave out how it is framed (RFC 9112 §6.1).
      const fields = ({ fields }: RawResponse): unknown =>
        fields
          .filter(([name]) => name !== "Date" && name !== "Transfer-Encoding")
          .map((field) => (field[0] === "ETag" ? "ETag" : field));
      assert.deepEqual(fields(head), fields(whole), target);
      const isStreamed = whole.get("transfer-encoding") === "chunked";
      assert.equal(head.get("content-length"), isStreamed ? undefined : String(whole.body.length), target);
    }
    const text = await site.exchange(get("/file.txt").replace("GET", "HEAD"));
    assert.equal(text.indexOf("\r\n\r\n"), text.length - 4, "nothing behind the head");
  });

  it("http 59: 405 carries Allow (RFC 9110 §15.5.6)", async (t) => {
    const site = await folder(t);
    for (const method of ["PUT", "DELETE", "PATCH"]) {
      const response = await ask(site, "/file.txt", "", method);
      assert.equal(response.status, 405);
      assert.match(response.get("allow")!, /\bGET\b.*\bHEAD\b/);
    }
  });

  it("http 60: no length and no coding in 1xx and 204, never both in one message, and 304 names no other length (RFC 9110 §8.6)", async (t) => {
    class Wrong extends TestHandler {
      do_GET(): void {
        if (this.path === "/103") {
          this.sendResponseOnly(103);
          this.sendHeader("Content-Length", 5);
          this.sendHeader("Transfer-Encoding", "chunked");
          this.endHeaders();
        }
        this.sendResponse(this.path === "/204" ? 204 : 200);
        this.sendHeader("Transfer-Encoding", "chunked");
        this.sendHeader("Content-Length", 5);
        this.endHeaders();
        this.wfile.write("hello");
      }
    }
    const of = async (path: string): Promise<RawResponse[]> =>
      parseResponses((await feed(Wrong, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)).output);
    const [interim, final] = await of("/103");
    const [empty] = await of("/204");
    for (const response of [interim!, empty!]) {
      assert.equal(response.get("content-length"), undefined);
      assert.equal(response.get("transfer-encoding"), undefined);
    }
    assert.equal(final!.get("content-length"), "5");
    assert.equal(final!.get("transfer-encoding"), undefined);

    const site = await folder(t);
    const notModified = await ask(site, "/file.txt", `If-Modified-Since: ${MODIFIED.toUTCString()}\r\n`);
    assert.equal(notModified.status, 304);
    assert.equal(notModified.get("content-length") ?? String(CONTENT.length), String(CONTENT.length));
  });

  it("http 61: every 2xx, 3xx and 4xx has a Date, also the parser's own errors (RFC 9110 §6.6.1)", async (t) => {
    const site = await folder(t);
    const since = `If-Modified-Since: ${MODIFIED.toUTCString()}\r\n`;
    const responses = [
      await ask(site, "/file.txt"),
      await ask(site, "/file.txt", "", "OPTIONS"),
      await ask(site, "/sub"),
      await ask(site, "/file.txt", since),
      await ask(site, "/missing"),
      await ask(site, "/file.txt", "", "DELETE"),
      await ask(site, "/file.txt", "", "BREW"),
      ...(await tell("nonsense\r\n\r\n")).responses,
      ...(await tell(`GET /${"x".repeat(70_000)}`)).responses,
      ...(await tell("GET / HTTP/1.1\r\n\r\n")).responses,
      ...(await tell("GET / HTTP/2.0\r\n\r\n")).responses,
    ];
    assert.deepEqual(
      responses.map(({ status }) => status),
      [200, 204, 301, 304, 404, 405, 501, 400, 414, 400, 505],
    );
    for (const response of responses) assert.match(response.get("date") ?? "", IMF_FIXDATE);
  });

  it("http 62: Last-Modified is never later than Date (RFC 9110 §8.8.2.1)", async (t) => {
    const site = await folder(t);
    const file = put(site.root, "future.txt", "from the future");
    const future = new Date(Date.now() + 86_400_000);
    utimesSync(file, future, future);
    for (const target of ["/future.txt", "/file.txt"]) {
      const response = await ask(site, target);
      assert.ok(Date.parse(response.get("last-modified")!) <= Date.parse(response.get("date")!), target);
    }
  });

  it("http 63: an entity tag, where there is one, is quoted (RFC 9110 §8.8.3)", async (t) => {
    const site = await folder(t);
    assert.notEqual((await ask(site, "/file.txt")).get("etag"), undefined);
    for (const target of ["/file.txt", "/", "/missing"]) {
      assert.match((await ask(site, target)).get("etag") ?? '""', /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/);
    }
  });

  it("http 64: a field that is no list is sent once (RFC 9110 §5.3)", async (t) => {
    const site = await folder(t);
    putScript(
      site.root,
      "cgi-bin/twice.sh",
      "#!/bin/sh\nprintf 'Date: x\\nServer: y\\nConnection: close\\nContent-Type: text/plain\\nContent-Type: text/plain\\nContent-Length: 2\\n\\nhi'\n",
    );
    const singletons = ["date", "server", "content-type", "content-length", "location", "last-modified"];
    singletons.push("connection", "allow", "transfer-encoding");
    for (const target of ["/file.txt", "/", "/sub", "/missing", "/cgi-bin/twice.sh"]) {
      const { fields } = await ask(site, target);
      for (const name of singletons) {
        const count = fields.filter(([key]) => key.toLowerCase() === name).length;
        assert.ok(count <= 1, `${target}: ${count} times ${name}`);
      }
    }
  });

  it("http 65: 304 keeps Cache-Control, Content-Location, ETag, Expires and Vary of the 200, and has a Date (RFC 9110 §15.4.5)", async (t) => {
    const extra: [string, string][] = [
      ["Cache-Control", "max-age=60"],
      ["Content-Location", "/file.txt"],
      ["Expires", "Thu, 01 Jan 2099 00:00:00 GMT"],
      ["Vary", "Accept"],
      ["X-Other", "not needed"],
    ];
    const site = await startSite(t, { extraResponseHeaders: extra });
    const file = put(site.root, "file.txt", CONTENT);
    utimesSync(file, MODIFIED, MODIFIED);
    const whole = await ask(site, "/file.txt");
    const kept = await ask(site, "/file.txt", `If-Modified-Since: ${MODIFIED.toUTCString()}\r\n`);
    assert.equal(kept.status, 304);
    for (const name of ["cache-control", "content-location", "expires", "vary"]) {
      assert.equal(kept.get(name), whole.get(name), name);
    }
    // The file is young: between the two its tag may have become another one.
    assert.match(kept.get("etag")!, /^(?:W\/)?"/);
    assert.match(kept.get("date")!, IMF_FIXDATE);
    assert.equal(kept.get("x-other"), undefined);
  });

  it("http 66: a response that is coded for the client says Vary: Accept-Encoding (RFC 9110 §12.5.5)", async (t) => {
    const site = await folder(t);
    put(site.root, "long.txt", CONTENT.repeat(1000));
    put(site.root, "long.txt.gz", "copy");
    const response = await ask(site, "/long.txt", "Accept-Encoding: gzip, br\r\n");
    assert.equal(response.get("content-encoding"), "gzip");
    assert.equal(response.body.toString(), "copy");
    assert.equal(response.get("vary"), "Accept-Encoding");
    assert.equal((await ask(site, "/long.txt")).get("vary"), "Accept-Encoding");
  });
});

describe("http 67–71: preconditions", () => {
  it("http 67: If-Match that does not hold is 412 (RFC 9110 §13.1.1)", async (t) => {
    const site = await folder(t);
    assert.equal((await ask(site, "/file.txt", 'If-Match: "other"\r\n')).status, 412);
    assert.equal((await ask(site, "/file.txt", "If-Match: *\r\n")).status, 200);
  });

  it("http 68: If-Unmodified-Since is ignored beside If-Match, and where it is no date (RFC 9110 §13.1.4)", async (t) => {
    const site = await folder(t);
    const old = "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    assert.equal((await ask(site, "/file.txt", `If-Match: *\r\n${old}`)).status, 200);
    assert.equal((await ask(site, "/file.txt", "If-Unmodified-Since: yesterday\r\n")).status, 200);
  });

  it("http 69: If-None-Match that matches is 304 (RFC 9110 §13.1.2)", async (t) => {
    const site = await folder(t);
    const etag = await tagOf(site, "/file.txt");
    for (const value of ["*", etag, `"other", W/${etag.replace(/^W\//, "")}`]) {
      assert.equal((await ask(site, "/file.txt", `If-None-Match: ${value}\r\n`)).status, 304, value);
    }
  });

  it("http 70: If-Modified-Since is ignored beside If-None-Match, for other methods, and where it is no date (RFC 9110 §13.1.3)", async (t) => {
    const site = await folder(t);
    const date = MODIFIED.toUTCString();
    const status = async (fields: string, method?: string): Promise<number> =>
      (await ask(site, "/file.txt", fields, method)).status;
    assert.equal(await status(`If-Modified-Since: ${date}\r\n`), 304);
    assert.equal(await status(`If-Modified-Since: ${date}\r\n`, "HEAD"), 304);
    assert.equal(await status(`If-Modified-Since: ${date}\r\nIf-None-Match: "other"\r\n`), 200);
    assert.equal(await status(`If-Modified-Since: ${date}\r\n`, "OPTIONS"), 204);
    assert.equal(await status(`If-Modified-Since: ${date}\r\n`, "DELETE"), 405);
    assert.equal(await status("If-Modified-Since: today\r\n"), 200);
    assert.equal(await status(`If-Modified-Since: ${date}, ${date}\r\n`), 200);
  });

  it("http 71: no precondition changes 404 or 405 (RFC 9110 §13.2.1)", async (t) => {
    const site = await folder(t);
    const conditions = [
      "If-None-Match: *\r\n",
      'If-Match: "x"\r\n',
      "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT\r\n",
      "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
    ];
    for (const condition of conditions) {
      assert.equal((await ask(site, "/missing", condition)).status, 404, condition);
      assert.equal((await ask(site, "/file.txt", condition, "DELETE")).status, 405, condition);
    }
  });
});

describe("http 72–78: ranges, of which a full 200 is always a right answer", () => {
  const range = (value: string): string => `Range: ${value}\r\n`;

  /** The whole file with 200, or one part of it with 206. */
  function checkPart(response: RawResponse, first: number, last: number): void {
    if (response.status === 200) return assert.equal(response.body.toString(), CONTENT);
    assert.equal(response.status, 206);
    assert.equal(response.get("content-range"), `bytes ${first}-${last}/${CONTENT.length}`);
    assert.equal(response.body.toString(), CONTENT.slice(first, last + 1));
  }

  it("http 72: Range is for GET only, and an unknown unit is ignored (RFC 9110 §14.2)", async (t) => {
    const site = await folder(t);
    assert.equal((await ask(site, "/file.txt", range("bytes=0-1"), "HEAD")).status, 200);
    assert.equal((await ask(site, "/file.txt", range("lines=0-1"))).body.toString(), CONTENT);
  });

  it("http 73: big numbers do not overflow, and a range beyond the end ends there (RFC 9110 §14.1.2)", async (t) => {
    const site = await folder(t);
    const last = CONTENT.length - 1;
    checkPart(await ask(site, "/file.txt", range("bytes=10-18446744073709551621")), 10, last);
    checkPart(await ask(site, "/file.txt", range("bytes=-100000")), 0, last);
    checkPart(await ask(site, "/file.txt", range("bytes=10-100000")), 10, last);
  });

  it("http 74: a part has the fields of the whole (RFC 9110 §15.3.7)", async (t) => {
    const site = await folder(t);
    const [whole, part] = [await ask(site, "/file.txt"), await ask(site, "/file.txt", range("bytes=0-1"))];
    checkPart(part, 0, 1);
    assert.ok(part.get("etag") !== undefined);
    for (const name of ["cache-control", "expires", "content-location", "vary"]) {
      assert.equal(part.get(name), whole.get(name), name);
    }
    assert.match(part.get("date")!, IMF_FIXDATE);
  });

  it("http 75: one range is no multipart (RFC 9110 §15.3.7.2)", async (t) => {
    const site = await folder(t);
    const response = await ask(site, "/file.txt", range("bytes=0-1"));
    assert.doesNotMatch(response.get("content-type")!, /multipart/);
  });

  it("http 76: 416 tells the length of the whole (RFC 9110 §15.5.17)", async (t) => {
    const site = await folder(t);
    const response = await ask(site, "/file.txt", range("bytes=100000-"));
    if (response.status === 200) assert.equal(response.body.toString(), CONTENT);
    else
      assert.deepEqual([response.status, response.get("content-range")], [416, `bytes */${CONTENT.length}`]);
  });

  it("http 77: Range is ignored where If-Range does not hold, also one that cannot be satisfied (RFC 9110 §13.1.5)", async (t) => {
    const site = await folder(t);
    for (const condition of ['"other"', 'W/"weak"', "Sun, 06 Nov 1994 08:49:37 GMT", "nonsense"]) {
      for (const wanted of ["bytes=0-1", "bytes=100000-"]) {
        const response = await ask(site, "/file.txt", `If-Range: ${condition}\r\n${range(wanted)}`);
        assert.equal(response.status, 200, `${condition} ${wanted}`);
        assert.equal(response.body.toString(), CONTENT);
      }
    }
  });

  it("http 78: the answer to abusive ranges is hardly longer than the file (RFC 9110 §14.2)", async (t) => {
    const site = await folder(t);
    assert.equal(statSync(join(site.root, "file.txt")).size, CONTENT.length);
    for (const value of [
      `bytes=${"0-,".repeat(1000)}0-`,
      `bytes=${"1-1,".repeat(1000)}1-1`,
      "bytes=,",
      "bytes=5-1",
    ]) {
      const response = await ask(site, "/file.txt", range(value));
      assert.ok([200, 206, 416].includes(response.status), `${response.status}`);
      assert.ok(response.body.length < 2 * CONTENT.length + 1000);
    }
  });
});
