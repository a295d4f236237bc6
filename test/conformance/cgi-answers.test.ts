// cgi 70–102: what becomes of what a script prints (RFC 3875 §5, §6).

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";

import { defaultCGILimits } from "../../src/cgi/limits.ts";
import { startSite } from "../cgi/running-site.ts";
import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";
import {
  answerTo,
  ask,
  chunked,
  ENVIRONMENT,
  get,
  isAlive,
  noShell,
  PATIENT,
  pidOf,
  post,
  printer,
  until,
} from "./cgi-site.ts";

/** How many times a field is in a head. */
function count(head: string, name: string): number {
  return head.match(new RegExp(`^${name}:`, "gim"))?.length ?? 0;
}

describe("cgi 70–75: scripts that make their whole response", { skip: noShell }, () => {
  const WHOLE = "HTTP/1.1 299 Mine\r\nx-odd:  as it is \r\nContent-Length: 3\r\n\r\nabc and more";

  it("cgi 70: 'nph-' in front of the file name tells them (RFC 3875 §5.1)", async (context) => {
    const site = await startSite(context, PATIENT);
    printer(site, "nph-x", WHOLE);
    printer(site, "x", WHOLE);
    assert.equal(await site.exchange(get("/cgi-bin/nph-x")), WHOLE);
    // Without that name the same output is parsed, as in cgi 95.
    assert.match(await site.exchange(get("/cgi-bin/x")), /^HTTP\/1\.1 299 Mine\r\nServer: [^]*\r\n\r\nabc$/);
    assert.ok(
      site.logged.includes(`"GET /cgi-bin/nph-x HTTP/1.1" 299 ${WHOLE.length}`),
      site.logged.join("\n"),
    );
  });

  it("cgi 71: their output reaches the client byte for byte, also interim responses and binary (RFC 3875 §5.2)", async (context) => {
    const site = await startSite(context);
    const interims = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(50);
    const output = `${interims}HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\n${randomBytes(300_000).toString("latin1")}`;
    printer(site, "nph-x", output);
    assert.ok((await site.exchange(get("/cgi-bin/nph-x"))) === output);
  });

  it("cgi 72: their output is not held back (RFC 3875 §5.2)", async (context) => {
    const source = "#!/bin/sh\nprintf 'HTTP/1.1 200 OK\\r\\n'\nread line\nprintf '\\r\\n%s' $line\n";
    const program = putScript(temporaryDirectory(context), "nph-x", source);
    const site = await startSite(context, {
      ...PATIENT,
      cgiMounts: { "/m": { program, requestBody: "stream" } },
    });
    const { socket, received, closed } = site.connect();
    socket.write(get("/m", "Content-Length: 3\r\n", "POST"));
    await until(() => received() === "HTTP/1.1 200 OK\r\n");
    socket.write("on\n");
    await closed;
    assert.equal(received(), "HTTP/1.1 200 OK\r\n\r\non");
  });

  it("cgi 73: the connection is closed behind them, and nothing is added (RFC 3875 §5.2)", async (context) => {
    const site = await startSite(context);
    printer(site, "nph-x", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
    const request = "GET /cgi-bin/nph-x HTTP/1.1\r\nHost: x\r\n\r\n";
    assert.equal(await site.exchange(request + request), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
  });

  it("cgi 74: they get their body by the same rules", async (context) => {
    const site = await startSite(context);
    site.script("nph-x", '#!/bin/sh\nprintf "HTTP/1.0 200 OK\\r\\n\\r\\n$CONTENT_LENGTH "\nexec cat\n');
    assert.match(await site.exchange(chunked("/cgi-bin/nph-x", "abc")), /\r\n\r\n3 abc$/);
  });

  it("cgi 75: one that ends without output is 502", async (context) => {
    const site = await startSite(context);
    site.script("nph-x", "#!/bin/sh\nexit 3\n");
    assert.equal((await ask(site, get("/cgi-bin/nph-x"))).status, 502);
    assert.ok(
      site.logged.some((line) => /exit code 3/.test(line)),
      site.logged.join("\n"),
    );
  });
});

describe("cgi 76–102: the header of a script, and its body", { skip: noShell }, () => {
  it("cgi 76: at least one of Content-Type, Location and Status, then a blank line; else 502 (RFC 3875 §6.2)", async (context) => {
    const site = await startSite(context);
    for (const output of ["X: y\n\nbody", "\nContent-Type: a/b\n\n", "Content-Type: a/b\nX: y"])
      assert.equal((await answerTo(site, output)).status, 502, output);
    for (const output of ["Content-Type: a/b\n\n", "Status: 200\n\n"])
      assert.equal((await answerTo(site, output)).status, 200, output);
  });

  it("cgi 77: names in any case, blanks behind the colon, none before it (RFC 3875 §6.3)", async (context) => {
    const site = await startSite(context);
    const { status, head } = await answerTo(site, "sTATUS:\t 404\ncontent-TYPE:a/b\n\n");
    assert.equal(status, 404);
    assert.match(head, /\r\ncontent-TYPE: a\/b(\r\n|$)/);
    assert.equal((await answerTo(site, "Status : 200\n\n")).status, 502);
  });

  it("cgi 78: continued lines are refused (RFC 3875 §6.3)", async (context) => {
    const site = await startSite(context);
    for (const blank of [" ", "\t"])
      assert.equal((await answerTo(site, `Content-Type: a/b\nX: y\n${blank}Set-Cookie: z\n\n`)).status, 502);
  });

  it("cgi 79: LF and CRLF in any mixture, and always CRLF to the client; a CR alone is 502 (RFC 3875 §7.2)", async (context) => {
    const site = await startSite(context);
    for (const output of [
      "Content-Type: a/b\r\nX: y\r\n\r\nbody",
      "Content-Type: a/b\nX: y\n\nbody",
      "Content-Type: a/b\r\nX: y\n\r\nbody",
      "Content-Type: a/b\nX: y\r\n\nbody",
    ]) {
      const { head, body } = await answerTo(site, output);
      assert.match(head, /\r\nContent-Type: a\/b\r\nX: y(\r\n|$)/);
      assert.doesNotMatch(head, /[^\r]\n|\r[^\n]/);
      assert.equal(body, "body");
    }
    assert.equal((await answerTo(site, "Content-Type: a/b\rX: y\n\n")).status, 502);
  });

  it("cgi 80: Content-Type, Location and Status at most once; the same twice harms nobody (RFC 3875 §6.3)", async (context) => {
    const site = await startSite(context);
    for (const [one, other] of [
      ["Content-Type: a/b", "Content-Type: c/d"],
      ["Status: 200", "Status: 404"],
      ["Location: http://a.example/", "Location: http://b.example/"],
    ]) {
      assert.equal((await answerTo(site, `${one}\n${other}\n\n`)).status, 502, one);
      const same = await answerTo(site, `${one}\n${one}\n\n`);
      assert.ok(same.status < 400, one);
      assert.ok(count(same.head, "Content-Type") <= 1 && count(same.head, "Location") <= 1);
    }
  });

  it("cgi 81: a body without a type gets none, and no guess by the browser (RFC 3875 §6.3.1)", async (context) => {
    const site = await startSite(context);
    const { head } = await answerTo(site, "Status: 200\n\n<script>");
    assert.equal(count(head, "Content-Type"), 0);
    assert.match(head, /\r\nX-Content-Type-Options: nosniff\r\n/);
  });

  it("cgi 82: Content-Type goes out as it is (RFC 3875 §6.3.1)", async (context) => {
    const site = await startSite(context);
    for (const type of ["text/html", "text/plain; Charset=ISO-8859-1", "x"])
      assert.ok(
        (await answerTo(site, `Content-Type: ${type}\n\n`)).head.includes(`\r\nContent-Type: ${type}\r\n`),
      );
  });

  it("cgi 83: Status has three digits, and a reason or none; 200 without it (RFC 3875 §6.3.3)", async (context) => {
    const site = await startSite(context);
    for (const [status, line] of [
      ["404 Not here", "404 Not here"],
      ["404", "404 Not Found"],
      ["599 Mine", "599 Mine"],
      ["418", "418 I'm a Teapot"],
    ]) {
      const { head } = await answerTo(site, `Status: ${status}\n\n`);
      assert.equal(head.split("\r\n", 1)[0], `HTTP/1.1 ${line}`);
    }
    for (const status of ["abc", "99", "1000", "600", "", "-200", "2 00"])
      assert.equal((await answerTo(site, `Status: ${status}\n\n`)).status, 502, status);
  });

  it("cgi 84: a Location that is a path, alone, is answered as if that had been asked for with GET (RFC 3875 §6.2.2)", async (context) => {
    const site = await startSite(context);
    put(site.root, "a.txt", "a file");
    site.script("env", ENVIRONMENT);
    const file = await answerTo(site, "Location: /a.txt\n\n");
    assert.deepEqual([file.status, file.body, count(file.head, "Location")], [200, "a file", 0]);
    const script = await answerTo(site, "Location: /cgi-bin/env?q\n\n", post("/cgi-bin/answer", "abc"));
    assert.match(script.body, /\0REQUEST_METHOD=GET\0/);
    assert.doesNotMatch(script.body, /CONTENT_LENGTH=/);
  });

  it("cgi 85: local redirects have an end, and reach what a client could reach, on this host", async (context) => {
    const site = await startSite(context);
    put(site.root, ".secret", "no");
    for (const [location, status] of [
      ["/cgi-bin/answer", 500],
      ["/.secret", 404],
      ["/nothere", 404],
      ["/cgi-bin/", 403],
      ["/../../etc/passwd", 404],
      ["//evil.example/", 502],
      ["/\\evil.example/", 502],
    ] as const) {
      assert.equal((await answerTo(site, `Location: ${location}\n\n`)).status, status, location);
    }
  });

  it("cgi 86: a path with another field is sent to the client", async (context) => {
    const site = await startSite(context);
    const { status, head, body } = await answerTo(site, "Location: /x\nSet-Cookie: a=b\n\nbody");
    assert.deepEqual([status, body], [302, "body"]);
    assert.match(head, /\r\nLocation: \/x\r\nSet-Cookie: a=b\r\n/);
  });

  it("cgi 87: an absolute Location alone is 302, with a page of ours (RFC 3875 §6.2.3)", async (context) => {
    const site = await startSite(context);
    const { status, head, body } = await answerTo(site, 'Location: http://b.example/?"<\n\n');
    assert.equal(status, 302);
    assert.match(head, /\r\nLocation: http:\/\/b\.example\/\?"<\r\n/);
    assert.ok(body.includes('href="http://b.example/?&quot;&lt;"'));
  });

  it("cgi 88: a Location beside a Status goes out as it is; an empty body has its length (RFC 3875 §6.2.4)", async (context) => {
    const site = await startSite(context, PATIENT);
    const moved = await answerTo(site, "Status: 307\nLocation: http://b.example/\n\n");
    assert.equal(moved.status, 307);
    assert.match(moved.head, /\r\nContent-Length: 0\r\n/);
    const page = await answerTo(site, "Status: 301 Gone on\nLocation: /x\nContent-Type: text/html\n\n<p>");
    assert.deepEqual([page.status, page.body], [301, "<p>"]);
    const created = await answerTo(site, "Status: 201\nLocation: /new\n\n");
    assert.equal(created.status, 201);
    assert.match(created.head, /\r\nLocation: \/new\r\n/);
  });

  it("cgi 89: a relative Location is for the client", async (context) => {
    const site = await startSite(context);
    const { status, head } = await answerTo(site, "Location: other.html?a\n\n");
    assert.equal(status, 302);
    assert.match(head, /\r\nLocation: other\.html\?a\r\n/);
  });

  it("cgi 90: other fields go to the client, and none is there twice because we have it as well (RFC 3875 §6.3.4)", async (context) => {
    const site = await startSite(context);
    const { head } = await answerTo(
      site,
      "Content-Type: a/b\nDate: yesterday\nServer: mine\nContent-Length: 2\nConnection: close\nX-Mine: 1\nETag: unquoted\n\nab",
    );
    for (const name of ["Date", "Server", "Content-Length", "Connection", "X-Mine", "ETag"])
      assert.equal(count(head, name), 1, name);
    assert.doesNotMatch(head, /yesterday|mine/);
  });

  it("cgi 91: fields of the connection are removed, and Transfer-Encoding is 502 (RFC 3875 §6.3.4)", async (context) => {
    const site = await startSite(context);
    const fields = [
      "Connection: x",
      "Keep-Alive: 5",
      "Upgrade: x",
      "TE: x",
      "Trailer: x",
      "Proxy-Authenticate: x",
    ];
    const { head } = await answerTo(site, `Content-Type: a/b\n${fields.join("\n")}\n\n`);
    for (const name of ["Keep-Alive", "Upgrade", "TE", "Trailer", "Proxy-Authenticate"])
      assert.equal(count(head, name), 0, name);
    assert.equal(
      (await answerTo(site, "Content-Type: a/b\nTransfer-Encoding: chunked\n\n0\r\n\r\n")).status,
      502,
    );
  });

  it("cgi 92: X-CGI-* is not for the client (RFC 3875 §6.3.5)", async (context) => {
    const site = await startSite(context);
    assert.equal(
      count((await answerTo(site, "Content-Type: a/b\nX-CGI-Debug: 1\n\n")).head, "X-CGI-Debug"),
      0,
    );
  });

  it("cgi 93: repeated fields stay repeated, in their order", async (context) => {
    const site = await startSite(context);
    const { head } = await answerTo(
      site,
      "Set-Cookie: a=1\nWWW-Authenticate: Basic\nSet-Cookie: b=2\nStatus: 401\nWWW-Authenticate: Digest\n\n",
    );
    const fields = head.split("\r\n").filter((line) => /^(set-cookie|www-)/i.test(line));
    assert.deepEqual(fields, [
      "Set-Cookie: a=1",
      "WWW-Authenticate: Basic",
      "Set-Cookie: b=2",
      "WWW-Authenticate: Digest",
    ]);
  });

  it("cgi 94: a name that is no token, or a value with a control character, is 502", async (context) => {
    const site = await startSite(context);
    for (const line of ["A(b): c", "A b: c", ": c", "X: a\0b", "X: a\rb", "X: \x1b[2J", "Status: 200 a\x07"])
      assert.equal(
        (await answerTo(site, `Content-Type: a/b\n${line}\n\n`)).status,
        502,
        JSON.stringify(line),
      );
    const { head } = await answerTo(site, "Content-Type: a/b\nX: caf\xe9 \xc3\xa9\n\n");
    assert.match(head, /\r\nX: caf\xe9 \xc3\xa9\r\n/);
  });

  it("cgi 95: a first line 'HTTP/1.x …' is taken for the Status", async (context) => {
    const site = await startSite(context);
    const { head, body } = await answerTo(site, "HTTP/1.0 403 No\r\nContent-Type: a/b\r\n\r\nbody");
    assert.match(head, /^HTTP\/1\.1 403 No\r\n/);
    assert.equal(body, "body");
  });

  it("cgi 96: the first line of Python's cgitb is no fault", async (context) => {
    const site = await startSite(context);
    const { status, body } = await answerTo(site, "<!--: spam\nContent-Type: text/html\n\n<body>");
    assert.deepEqual([status, body], [200, "<body>"]);
  });

  it("cgi 97: the body goes out to its end and unchanged (RFC 3875 §6.4)", async (context) => {
    const site = await startSite(context);
    const content = randomBytes(2_000_000).toString("latin1");
    const { body, isWhole } = await answerTo(site, `Content-Type: a/b\n\n${content}`);
    assert.ok(isWhole && body === content);
  });

  it("cgi 98: a script is held to its Content-Length: too short is cut visibly, too long at the length; no number is 502", async (context) => {
    const site = await startSite(context);
    const short = await answerTo(site, "Content-Type: a/b\nContent-Length: 9\n\nabc");
    assert.match(short.head, /\r\nContent-Length: 9/);
    assert.equal(short.body, "abc");
    assert.ok(site.logged.some((line) => line.includes("6 bytes before its Content-Length")));
    printer(site, "long", "Content-Type: a/b\nContent-Length: 3\n\nabcHTTP/1.1 200 OK\r\n\r\n");
    const twice = "GET /cgi-bin/long HTTP/1.1\r\nHost: x\r\n\r\n" + get("/cgi-bin/long");
    assert.equal((await site.exchange(twice)).match(/HTTP\/1\.1/g)?.length, 2);
    assert.ok(site.logged.some((line) => line.includes("longer than its Content-Length")));
    for (const lengths of ["+3", "3, 3", "abc", "-1", "0x3"])
      assert.equal(
        (await answerTo(site, `Content-Type: a/b\nContent-Length: ${lengths}\n\nabc`)).status,
        502,
      );
    const two = await answerTo(site, "Content-Type: a/b\nContent-Length: 3\nContent-Length: 4\n\nabc");
    assert.equal(two.status, 502);
  });

  it("cgi 99: 204, 205, 304 and 1xx have no body and no Transfer-Encoding", async (context) => {
    const site = await startSite(context);
    for (const status of [204, 205, 304]) {
      printer(site, "x", `Status: ${status}\nContent-Type: a/b\n\nbody`);
      const text = await site.exchange("GET /cgi-bin/x HTTP/1.1\r\nHost: x\r\n\r\n" + get("/cgi-bin/x"));
      assert.equal(text.match(new RegExp(`HTTP/1\\.1 ${status}`, "g"))?.length, 2);
      assert.ok(!text.includes("body") && !text.includes("Transfer-Encoding"), text);
    }
    printer(
      site,
      "x",
      "Status: 103\nLink: </a.css>\n\nStatus: 103\nLink: </b.css>\n\nContent-Type: a/b\n\nbody",
    );
    const text = await site.exchange(get("/cgi-bin/x"));
    assert.match(
      text,
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>\r\n\r\nHTTP\/1\.1 103 Early Hints\r\nLink: <\/b\.css>\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*body/,
    );
    const old = await ask(site, "GET /cgi-bin/x HTTP/1.0\r\n\r\n");
    assert.equal(old.status, 200);
    for (const status of [100, 101])
      assert.equal((await answerTo(site, `Status: ${status}\n\n`)).status, 502);
  });

  it("cgi 100: output that ends soon has its Content-Length; else it is chunked, or ends with the connection", async (context) => {
    const patient = await startSite(context, PATIENT);
    const short = await answerTo(patient, "Content-Type: a/b\n\nshort");
    assert.match(short.head, /\r\nContent-Length: 5\r\n/);
    assert.equal(count(short.head, "Transfer-Encoding"), 0);
    const hasty = await startSite(context, { cgiLimits: { ...defaultCGILimits, gatherTime: 0 } });
    hasty.script("slow", "#!/bin/sh\necho Content-Type: a/b\necho\necho a\nsleep 0.3\necho b\n");
    const slow = await ask(hasty, get("/cgi-bin/slow"));
    assert.match(slow.head, /\r\nTransfer-Encoding: chunked(\r\n|$)/);
    assert.ok(slow.isWhole && slow.body === "a\nb\n");
    const old = await ask(hasty, "GET /cgi-bin/slow HTTP/1.0\r\n\r\n");
    assert.equal(count(old.head, "Transfer-Encoding") + count(old.head, "Content-Length"), 0);
    assert.equal(old.body, "a\nb\n");
  });

  it("cgi 100: what is printed flows at once, line by line", async (context) => {
    const source =
      "#!/bin/sh\nprintf 'Content-Type: text/event-stream\\n\\n'\nwhile read line; do printf 'data: %s\\n\\n' $line; done\n";
    const program = putScript(temporaryDirectory(context), "events", source);
    const site = await startSite(context, { cgiMounts: { "/m": { program, requestBody: "stream" } } });
    const { socket, received, closed } = site.connect();
    socket.write(get("/m", "Content-Length: 9\r\n", "POST"));
    await until(() => received().includes("text/event-stream"));
    for (const event of ["e1", "e2", "e3"]) {
      assert.ok(!received().includes(event));
      socket.write(`${event}\n`);
      await until(() => received().includes(`data: ${event}\n\n`));
    }
    await closed;
  });

  it("cgi 101: a script that is killed leaves a body that is visibly cut; an exit code is only logged", async (context) => {
    const site = await startSite(context);
    site.script("killed", "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nhalf'\nsleep 0.4\nkill -9 $$\n");
    const cut = await ask(site, get("/cgi-bin/killed"));
    assert.deepEqual([cut.body, cut.isWhole], ["half", false]);
    const { socket, received, closed } = site.connect();
    socket.write("GET /cgi-bin/killed HTTP/1.0\r\n\r\n");
    assert.equal(await closed, "reset");
    assert.ok(received().endsWith("half"));
    site.script("failed", "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nwhole'\nexit 4\n");
    const whole = await ask(site, get("/cgi-bin/failed"));
    assert.deepEqual([whole.body, whole.isWhole], ["whole", true]);
    await until(() => site.logged.some((line) => line.includes("exit code 4")));
  });

  it("cgi 102: a header beyond its limit is 502, and the script is ended", async (context) => {
    const site = await startSite(context);
    site.script("x", "#!/bin/sh\necho pid $$ >&2\nwhile :; do echo 'X: y'; done\n");
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 502);
    const pid = await pidOf(site);
    await until(() => !isAlive(pid));
  });
});
