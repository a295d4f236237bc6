import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HTTPRequestError } from "../../src/errors.ts";
import { canonicalPath, queryOf, withoutQuery } from "../../src/files/url-path.ts";

/** What a path becomes, or the status with which it is refused. */
function outcome(target: string): string | number {
  try {
    return canonicalPath(target);
  } catch (error) {
    if (error instanceof HTTPRequestError) return error.status;
    throw error;
  }
}

/** The same, slow and obvious: one rule after the other over arrays of bytes and strings. */
function model(target: string): string | number {
  const encoded = /^[^?#]*/.exec(target)![0];
  const bytes: number[] = [];
  for (let rest = encoded; rest !== "";) {
    const escape = /^%([0-9a-fA-F]{2})/.exec(rest);
    if (rest.startsWith("%") && escape === null) return 400;
    bytes.push(escape === null ? rest.charCodeAt(0) : Number.parseInt(escape[1]!, 16));
    rest = rest.slice(escape === null ? 1 : 3);
  }
  const decoded = slowText(bytes);
  if (bytes.includes(0)) return 400;
  let names: string[] = [];
  for (const segment of decoded.split("/")) {
    if (segment === "..") names = names.slice(0, -1);
    else if (segment !== "." && segment !== "") names = [...names, segment];
  }
  const isDirectory = names.length === 0 || /(^|\/)\.{0,2}$/.test(decoded);
  return `/${names.join("/")}${isDirectory && names.length > 0 ? "/" : ""}`;
}

/** PEP 383: the longest character that begins here, or else one byte as a lone surrogate. */
function slowText(bytes: readonly number[]): string {
  let text = "";
  for (let rest = bytes; rest.length > 0;) {
    const length = [1, 2, 3, 4].find((count) => {
      const part = Buffer.from(rest.slice(0, count));
      return part.length === count && Buffer.from(part.toString("utf8"), "utf8").equals(part);
    });
    text +=
      length === undefined
        ? String.fromCharCode(0xdc00 + rest[0]!)
        : Buffer.from(rest.slice(0, length)).toString("utf8");
    rest = rest.slice(length ?? 1);
  }
  return text;
}

/** Targets made of what makes paths difficult. */
const pieces = fc.constantFrom(
  ..."/ / / . .. %2e %2E %2f %2F %5c \\ a b %41 %25 %252e %252f %00 %zz % %4 ~ %c3%a4 \u00c3\u00a4 %ff %c0%ae ... .a ? # : ;".split(
    " ",
  ),
  " ",
);
const targets = fc.array(pieces, { maxLength: 14 }).map((parts) => `/${parts.join("")}`);
const anyBytes = fc.uint8Array({ maxLength: 20 }).map((bytes) => `/${Buffer.from(bytes).toString("latin1")}`);

describe("canonicalPath", () => {
  it("gives each target its own path, also when asked in turn and again", () => {
    for (const target of ["/a/../b", "/c", "/a/../b", "/a/../b", "/%zz", "/%zz", "/c", "/%00", "/a/../b"])
      assert.equal(outcome(target), model(target), target);
  });

  it("leaves alone what is canonical", () => {
    for (const path of ["/", "/a", "/a/", "/a/b.txt", "/a b", "/a..b", "/a./b", "/~x/", "/a\\b"]) {
      assert.equal(canonicalPath(path), path);
    }
  });

  const cases: readonly (readonly [string, string])[] = [
    ["/a%20b", "/a b"],
    ["/%41", "/A"],
    ["/%c3%a4", "/ä"],
    ["/\u00c3\u00a4", "/ä"],
    ["/a/./b", "/a/b"],
    ["/a/../b", "/b"],
    ["/a/b/..", "/a/"],
    ["/a/b/.", "/a/b/"],
    ["/a//b///", "/a/b/"],
    ["/../../etc/passwd", "/etc/passwd"],
    ["/%2e%2e/%2e%2e/etc/passwd", "/etc/passwd"],
    ["/..%2f..%2fetc/passwd", "/etc/passwd"],
    ["/a/%2e%2e%2f%2e%2e", "/"],
    ["/a%2fb%2F", "/a/b/"],
    ["/%2f%2fhost/x", "/host/x"],
    ["/....//", "/..../"],
    ["/a/..../b", "/a/..../b"],
    ["/a%2e%2e/", "/a../"],
    ["/.", "/"],
    ["/..", "/"],
    ["/a\\..\\b", "/a\\..\\b"],
    ["/%5c%2e%2e%5cb", "/\\..\\b"],
    ["/a%3fb", "/a?b"],
    ["/a%23b", "/a#b"],
    ["", "/"],
    ["a/b", "/a/b"],
    ["?q", "/"],
  ];
  for (const [target, expected] of cases) {
    it(`makes ${JSON.stringify(expected)} of ${JSON.stringify(target)}`, () =>
      assert.equal(canonicalPath(target), expected));
  }

  it("cuts the query at the first ?, and a fragment (row 85)", () => {
    assert.equal(canonicalPath("/filename"), "/filename");
    assert.equal(canonicalPath("/filename?foo=bar"), "/filename");
    assert.equal(canonicalPath("/filename?a=b&spam=eggs#zot"), "/filename");
    assert.equal(canonicalPath("/filename?a?b/../c"), "/filename");
    assert.equal(canonicalPath("/filename#a?b"), "/filename");
    assert.equal(canonicalPath("/filename?%zz%00"), "/filename");
  });

  it("reads two slashes at the start as one (row 86)", () => {
    assert.equal(canonicalPath("//filename"), "/filename");
    assert.equal(canonicalPath("//filename?foo=bar"), "/filename");
  });

  it("decodes once and never again", () => {
    assert.equal(canonicalPath("/%2541"), "/%41");
    assert.equal(canonicalPath("/%252e%252e/a"), "/%2e%2e/a");
    assert.equal(canonicalPath("/%252fetc"), "/%2fetc");
    assert.equal(canonicalPath("/%2500"), "/%00");
    assert.equal(canonicalPath("/%25zz"), "/%zz");
  });

  it("refuses NUL and malformed escapes with 400", () => {
    for (const target of [
      "/%00",
      "/a%00.txt",
      "/%zz",
      "/%",
      "/a%4",
      "/%4/",
      "/%%41",
      "/%u0041",
      "/%-1",
      "/% 1",
    ]) {
      assert.equal(outcome(target), 400, target);
    }
  });

  it("keeps bytes that are not UTF-8 as lone surrogates: truncated, overlong, surrogates, beyond the last", () => {
    for (const [target, path] of [
      ["/%ff", "/\udcff"],
      ["/%c3", "/\udcc3"],
      ["/\u00e4", "/\udce4"],
      ["/%c0%ae%c0%ae/", "/\udcc0\udcae\udcc0\udcae/"],
      ["/%e0%80%af", "/\udce0\udc80\udcaf"],
      ["/%ed%b3%bf", "/\udced\udcb3\udcbf"],
      ["/%f4%90%80%80", "/\udcf4\udc90\udc80\udc80"],
    ] as const) {
      assert.equal(outcome(target), path, target);
    }
  });

  it("keeps a byte order mark: it is part of the name", () => {
    assert.equal(canonicalPath("/%ef%bb%bfa"), "/\ufeffa");
  });

  it("agrees with the slow model", () => {
    fc.assert(
      fc.property(fc.oneof(targets, anyBytes), (target) => assert.equal(outcome(target), model(target))),
      {
        numRuns: 5000,
      },
    );
  });

  it("never gives a segment that is empty, . or .., nor a path without its slash", () => {
    fc.assert(
      fc.property(fc.oneof(targets, anyBytes), (target) => {
        const path = outcome(target);
        if (typeof path === "number") return;
        assert.ok(path.startsWith("/"));
        const segments = path.slice(1).split("/");
        if (segments.at(-1) === "") segments.pop();
        for (const segment of segments) assert.ok(!["", ".", ".."].includes(segment), path);
        assert.ok(!path.includes("\0"));
      }),
      { numRuns: 5000 },
    );
  });

  it("changes its own result no more, where that holds nothing to decode or cut", () => {
    fc.assert(
      fc.property(targets, (target) => {
        const path = outcome(target);
        if (typeof path === "number" || /[%?#]|[^\0-~]/.test(path)) return;
        assert.equal(canonicalPath(path), path);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("queryOf", () => {
  it("gives what follows the first ?, as it was sent", () => {
    assert.equal(queryOf("/a"), "");
    assert.equal(queryOf("/a?"), "");
    assert.equal(queryOf("/a?b=%20?c"), "b=%20?c");
    assert.equal(queryOf("/a?x/../y//z"), "x/../y//z");
  });
});

describe("withoutQuery", () => {
  it("ends before the first ? or #", () => {
    assert.equal(withoutQuery("/a"), "/a");
    assert.equal(withoutQuery("/a?b#c"), "/a");
    assert.equal(withoutQuery("/a#b?c"), "/a");
    assert.equal(withoutQuery("/a%3fb"), "/a%3fb");
  });
});
