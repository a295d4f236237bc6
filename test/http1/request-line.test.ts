import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { parseRequestLine } from "../../src/http1/request-line.ts";
import { textOf } from "../text/text-of.ts";

const TCHAR = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function refuses(line: string, status: number, message: RegExp): void {
  assert.throws(() => parseRequestLine(line), { name: "HTTPRequestError", status, message }, line);
}

describe("parseRequestLine", () => {
  it("splits at single spaces (RFC 9112 §3)", () => {
    assert.deepEqual(parseRequestLine("GET /a?b=c HTTP/1.1"), {
      method: "GET",
      target: "/a?b=c",
      version: "HTTP/1.1",
      minor: 1,
      isSimple: false,
    });
  });

  it("puts together again what it takes apart", () => {
    const method = textOf(TCHAR, { minLength: 1 });
    const target = fc.string({ unit: "binary-ascii", minLength: 1 }).filter((text) => !text.includes(" "));
    const version = fc.nat(9).map((minor) => `HTTP/1.${minor}`);
    fc.assert(
      fc.property(method, target, version, (method, target, version) => {
        const line = parseRequestLine(`${method} ${target} ${version}`);
        assert.deepEqual(line, { method, target, version, minor: Number(version.at(-1)), isSimple: false });
      }),
    );
  });

  const MALFORMED: [what: string, line: string][] = [
    ["nothing", ""],
    ["one word", "GET"],
    ["one word and a blank", "GET "],
    ["one word behind a blank (row 11 of the original's tests)", " / "],
    ["a blank before the method", " GET / HTTP/1.1"],
    ["two blanks behind the method", "GET  / HTTP/1.1"],
    ["two blanks behind the target", "GET /  HTTP/1.1"],
    ["no target", "GET  HTTP/1.1"],
    ["no target and no version", "GET  "],
    ["a blank behind the version", "GET / HTTP/1.1 "],
    ["a blank within the target", "GET /spaced out HTTP/1.1"],
    ["a word too many", "GET / HTTP/1.1 HTTP/1.1"],
    ["a tab for a blank", "GET\t/ HTTP/1.1"],
    ["a method that is no token", "GE:T / HTTP/1.1"],
    ["a NUL in the method", "GET\0 / HTTP/1.1"],
    ["a byte above 0x7f in the method", "G\xcbT / HTTP/1.1"],
    ["the bytes of a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 /"],
  ];
  for (const [what, line] of MALFORMED) {
    it(`refuses ${what} (RFC 9112 §3)`, () => {
      refuses(line, 400, /^Bad request syntax \('/);
    });
  }

  const BAD_VERSIONS = [
    "FUBAR",
    "HTTP/9.9.9",
    "HTTP/-9_9_9.+9_9_9",
    "HTTP/909876543210.0",
    "HTTP/1.909876543210",

    "http/1.1",
    "HTTP/1",
    "HTTP/1.",
    "HTTP/.1",
    "HTTP/1.1\t",
    "HTTP/1.1\r",
    "HTTP/1.1\n",
    "HTTP/+1.1",
    "HTTP/1,1",
    "HTTPS/1.1",
    "HTTP/01.1",
    "HTTP/1.10",
    "\tHTTP/1.1",
    "HTTP/1.1\0",
    "HTTP/1.\xb9",
  ];
  for (const version of BAD_VERSIONS) {
    it(`refuses ${JSON.stringify(version)} as a version (RFC 9112 §2.3)`, () => {
      refuses(`GET / ${version}`, 400, /^Bad request version \('/);
    });
  }

  it("answers 505 to another major version (RFC 9110 §15.6.6)", () => {
    for (const version of ["2.0", "9.9", "3.1", "0.8"]) {
      refuses(`GET / HTTP/${version}`, 505, new RegExp(`^Invalid HTTP version \\(${version}\\)$`));
    }
  });

  it("answers 505 to the preface of HTTP/2", () => {
    refuses("PRI * HTTP/2.0", 505, /2\.0/);
  });

  it("reads every minor version of HTTP/1 (RFC 9110 §2.5)", () => {
    for (let minor = 0; minor <= 9; minor++) {
      const line = parseRequestLine(`GET / HTTP/1.${minor}`);
      assert.deepEqual([line.minor, line.version], [minor, `HTTP/1.${minor}`]);
    }
  });

  it("puts HTTP/0.9 below HTTP/1.0, with a version or without", () => {
    const simple = { method: "GET", target: "/", version: "HTTP/0.9", minor: -1, isSimple: true };
    assert.deepEqual(parseRequestLine("GET /"), simple);
    assert.deepEqual(parseRequestLine("GET / "), simple);
    assert.deepEqual(parseRequestLine("GET / HTTP/0.9"), { ...simple, isSimple: false });
  });

  it("refuses another method than GET in HTTP/0.9 (RFC 1945 §4.1)", () => {
    refuses("POST /", 400, /^Bad HTTP\/0\.9 request type \('POST'\)$/);
    refuses("CUSTOM / ", 400, /^Bad HTTP\/0\.9 request type \('CUSTOM'\)$/);
    refuses("get /", 400, /^Bad HTTP\/0\.9 request type \('get'\)$/);
  });

  it("quotes the client in messages visibly and shortly", () => {
    refuses("\x1b[2J / x", 400, /^Bad request syntax \('\\x1b\[2J \/ x'\)$/);
    refuses("x".repeat(60_000), 400, /^Bad request syntax \('x{200}\.\.\.'\)$/);
  });
});
