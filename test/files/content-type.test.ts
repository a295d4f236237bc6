import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { codingOfName, DEFAULT_EXTENSIONS, guessType } from "../../src/files/content-type.ts";

const NONE = {};

/** The table of docs/files.md: a name for each of its suffixes, with the type that stands beside it. */
function documentedTypes(): (readonly [string, string])[] {
  const text = readFileSync(new URL("../../../docs/files.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| (`\w+`[^|]*) \| (`[\w-]+\/[^|]*) \|/gm)];
  assert.ok(rows.length > 5, "docs/files.md has its table");
  return rows.flatMap(([, left, right]) => {
    const suffixes = [...left!.matchAll(/`(\w+)`/g)].map((match) => match[1]!);
    const types = [...right!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
    return suffixes.map((suffix, i) => {
      const type = types.length === 1 ? types[0]! : types[i]!;
      return [`documented.${suffix}`, type.startsWith("text/") ? `${type}; charset=utf-8` : type] as const;
    });
  });
}

describe("guessType", () => {
  const cases: (readonly [string, string])[] = [
    ["a.html", "text/html; charset=utf-8"],
    ["a.css", "text/css; charset=utf-8"],
    ["a.txt", "text/plain; charset=utf-8"],
    ["a.js", "text/javascript; charset=utf-8"],
    ["a.mjs", "text/javascript; charset=utf-8"],
    ["a.json", "application/json"],
    ["a.svg", "image/svg+xml"],
    ["a.png", "image/png"],
    ["a.avif", "image/avif"],
    ["a.wasm", "application/wasm"],
    ["a.webmanifest", "application/manifest+json"],
    ["a.mp4", "video/mp4"],
    ["a.woff2", "font/woff2"],
    ["a.pdf", "application/pdf"],
    ["a.py", "text/x-python; charset=utf-8"],
    ["a.ts", "text/plain; charset=utf-8"],
    ["a.jsonl", "application/jsonl"],
    // What a charset would overrule, or what knows none.
    ["a.xml", "application/xml"],
    ["a.xhtml", "application/xhtml+xml"],
    ["a.ndjson", "application/x-ndjson"],
    // Packed files are what they are; what is in them is nobody's business here.
    ["a.tar.gz", "application/gzip"],
    ["a.js.br", "application/octet-stream"],
    ["a.svgz", "image/svg+xml"],
    // From the package's table of vendors' types; and a suffix that it lists for two types, one of them with a star.
    ["a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    ["a.wav", "audio/wav"],
  ];
  cases.push(...documentedTypes());
  for (const [name, type] of cases) {
    it(`says ${type} for ${name}`, () => assert.equal(guessType(name, NONE), type));
  }

  it("takes the last suffix of the last segment, in any case", () => {
    assert.equal(guessType("/a.b/c.d.HTML", NONE), "text/html; charset=utf-8");
    assert.equal(guessType("/a.html/b", NONE), undefined);
    assert.equal(guessType("/dir.txt/x.png", NONE), "image/png");
  });

  it("says the same with a map of one's own for all that it does not name", () => {
    const own = { ".html": "text/html" };
    assert.equal(guessType("a.html", own), "text/html");
    for (const suffix of [".gz", ".z", ".bz2", ".xz", ".css", ".unheard-of", ""]) {
      const type = guessType(`a${suffix}`, own) ?? "application/octet-stream";
      assert.equal(type, guessType(`a${suffix}`, DEFAULT_EXTENSIONS), suffix);
    }
  });

  it("asks extensionsMap first: with the suffix as it is, then in lower case", () => {
    const map = { ".html": "x/lower", ".HTML": "x/upper", ".new": "x/new" };
    assert.equal(guessType("a.html", map), "x/lower");
    assert.equal(guessType("a.HTML", map), "x/upper");
    assert.equal(guessType("a.Html", map), "x/lower");
    assert.equal(guessType("a.NEW", map), "x/new");
  });

  it("takes the default of the empty key where nothing else is known", () => {
    const map = { "": "x/default" };
    assert.equal(guessType("a.html", map), "text/html; charset=utf-8");
    for (const name of ["a", "a.unknown-suffix", "a.", ".html", "dir.html/a", ""]) {
      assert.equal(guessType(name, map), "x/default", name);
      assert.equal(guessType(name, NONE), undefined, name);
    }
  });

  it("knows no type for suffixes that are properties of every object", () => {
    for (const suffix of ["constructor", "__proto__", "toString", "valueOf", "hasOwnProperty"]) {
      assert.equal(guessType(`a.${suffix}`, NONE), undefined, suffix);
    }
  });

  it("says which coding is part of a type, and only where the type is that one (RFC 9110 §8.4)", () => {
    assert.equal(codingOfName("a.svgz", "image/svg+xml"), "gzip");
    assert.equal(codingOfName("dir/A.SVGZ", "image/svg+xml; charset=utf-8"), "gzip");
    assert.equal(codingOfName("a.svgz", "application/gzip"), undefined);
    for (const name of ["a.svg", "a.tar.gz", "a.tgz", "a.html.gz", "a.js.br", "svgz", ".svgz"]) {
      assert.equal(codingOfName(name, "image/svg+xml"), undefined, name);
    }
  });

  it("goes on to answer after more suffixes than it remembers", () => {
    for (let i = 0; i < 3000; i++) assert.equal(guessType(`a.made-up-${i}`, NONE), undefined);
    assert.equal(guessType("a.webp", NONE), "image/webp");
  });
});
