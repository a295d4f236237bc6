import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { parseRequestTarget } from "../../src/http1/request-target.ts";

function refuses(method: string, target: string, status = 400): void {
  assert.throws(() => parseRequestTarget(method, target), { name: "HTTPRequestError", status }, target);
}

describe("parseRequestTarget: origin-form (RFC 9112 §3.2.1)", () => {
  for (const target of [
    "/",
    "/a/b",
    "/a?b",
    "/?",
    "/a//b",
    "/%2e%2E/%00",
    "/a:b@c",
    "/\xff",
    "/a\\b",
    "/a/../b",
  ]) {
    it(`leaves ${target} as it is`, () => {
      assert.deepEqual(parseRequestTarget("GET", target), { path: target, authority: undefined });
    });
  }

  it("cuts leading slashes to one, so that no redirect leads to another host (CVE-2021-28861)", () => {
    for (const target of ["//host/a", "///host/a", "/////host/a"]) {
      assert.equal(parseRequestTarget("GET", target).path, "/host/a");
    }
    assert.equal(parseRequestTarget("GET", "//").path, "/");
    assert.equal(parseRequestTarget("GET", "/".repeat(60_000)).path, "/");
    assert.equal(parseRequestTarget("GET", "//a?b=//c").path, "/a?b=//c");
  });

  it("refuses every control character, the blank, DEL and the fragment, wherever they stand", () => {
    const forbidden = [...Array.from({ length: 0x21 }, (_, code) => code), 0x7f, 0x23];
    for (const character of forbidden.map((code) => String.fromCharCode(code))) {
      for (const target of [`/a${character}b`, `/${character}`, `/?${character}`, `http://a/${character}`]) {
        refuses("GET", target);
      }
      refuses("CONNECT", `a:1${character}`);
    }
  });

  it("gives a path with exactly one leading slash, or refuses with 400 or 421", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary-ascii" }),
        fc.constantFrom("", "/", "http://a"),
        (text, start) => {
          try {
            assert.match(parseRequestTarget("GET", start + text).path, /^\/(?!\/)/);
          } catch (error) {
            assert.ok([400, 421].includes((error as { status: number }).status), String(error));
          }
        },
      ),
    );
  });
});

describe("parseRequestTarget: absolute-form (RFC 9112 §3.2.2)", () => {
  const ABSOLUTE: [target: string, path: string, authority: string][] = [
    ["http://a/b?c", "/b?c", "a"],
    ["http://a:81/", "/", "a:81"],
    ["http://a", "/", "a"],
    ["http://a:", "/", "a:"],
    ["http://a?b", "/?b", "a"],
    ["HTTP://A/b", "/b", "A"],
    ["http://[::1]:80/b", "/b", "[::1]:80"],
    ["http://a//b", "/b", "a"],
    ["http://a/?http://b/", "/?http://b/", "a"],
    ["http://a%41/", "/", "a%41"],
  ];
  for (const [target, path, authority] of ABSOLUTE) {
    it(`reads ${target} as ${path} at ${authority}`, () => {
      for (const method of ["GET", "OPTIONS", "FOO"]) {
        assert.deepEqual(parseRequestTarget(method, target), { path, authority });
      }
    });
  }

  it("refuses an empty host (RFC 9110 §4.2.1)", () => {
    for (const target of ["http:///x", "http://", "http://?x", "http://:80/x"]) refuses("GET", target);
  });

  it("refuses a malformed authority, and user information with it (RFC 9110 §4.2.4)", () => {
    for (const authority of ["u@a", "u:p@a", "a:b", "a:1:2", "[::1", "a%zz", "a\\b", "<a>", "a:99999"]) {
      refuses("GET", `http://${authority}/`);
    }
  });

  it("answers 421 to https, for which it does not speak (RFC 9110 §7.4)", () => {
    refuses("GET", "https://a/", 421);
    refuses("GET", "HTTPS://a", 421);
  });

  it("refuses other schemes and what is no target at all", () => {
    for (const target of [
      "ftp://a/",
      "file:///etc/passwd",
      "http:/a",
      "http:a",
      "a/b",
      "a",
      "?a",
      "1http://a/",
      "\\a",
    ]) {
      refuses("GET", target);
    }
  });
});

describe("parseRequestTarget: asterisk-form and authority-form", () => {
  it("takes * with OPTIONS only (RFC 9112 §3.2.4)", () => {
    assert.deepEqual(parseRequestTarget("OPTIONS", "*"), { path: "*", authority: undefined });
    for (const method of ["GET", "HEAD", "options", "CONNECT"]) refuses(method, "*");
    refuses("OPTIONS", "**");
    refuses("OPTIONS", "*?a");
  });

  it("takes host and port with CONNECT (RFC 9112 §3.2.3)", () => {
    for (const target of ["a:443", "[::1]:80"]) {
      assert.deepEqual(parseRequestTarget("CONNECT", target), { path: target, authority: undefined });
    }
  });

  it("refuses CONNECT without a host or with a bad or empty port (RFC 9110 §9.3.6)", () => {
    for (const target of ["a", "a:", "a:0", "a:b", "a:99999", ":80", "/", "/a", "http://a/", "u@a:1"]) {
      refuses("CONNECT", target);
    }
  });
});
