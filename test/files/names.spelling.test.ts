// Names that look alike, or that other programs read as something else: each is one file, under one name, and nobody else's.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Answer, startSite, type Site } from "./running-site.ts";
import { emptyDirectory, put } from "./tree.ts";

const folder = emptyDirectory();
/** Whether the disk takes two spellings for the same name. */
function isSame(a: string, b: string): boolean {
  put(folder.path, `probe/${a}`, "");
  return existsSync(join(folder.path, "probe", b));
}
const caseMatters = {
  skip: isSame("a", "A") ? "this disk does not tell small letters from large ones" : false,
};
const formMatters = {
  skip: isSame("\u00e4", "a\u0308") ? "this disk does not tell the forms of Unicode apart" : false,
};
const anyByte = { skip: process.platform === "linux" ? false : "only Linux has names of any bytes" };
const posix = { skip: sep === "/" ? false : "Windows has no such names" };

let site: Site;
before(async () => {
  site = await startSite({ directory: folder.path });
});
after(async () => {
  await site[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const JSON_LISTING = { fields: { Accept: "application/json" } };

interface Entry {
  readonly name: string;
  readonly href: string;
}

async function entriesOf(directory: string): Promise<readonly Entry[]> {
  const answer = await site.ask(directory, JSON_LISTING);
  assert.equal(answer.status, 200, directory);
  return (JSON.parse(answer.text) as { readonly entries: readonly Entry[] }).entries;
}

function linksOf({ text }: Answer): string[] {
  return [...text.matchAll(/href="((?!\.\.\/|[?#])[^"]*)"/g)].map(([, href]) => href!);
}

/** Each file holds its own name; both forms of the listing lead to it. */
async function isFetchedByItsOwnLink(directory: string, names: readonly Uint8Array[]): Promise<void> {
  const expected = new Set(names.map((name) => Buffer.from(name).toString("hex")));
  const links = linksOf(await site.ask(directory));
  const references = (await entriesOf(directory)).map(({ href }) => href);
  for (const all of [links, references]) {
    const fetched = new Set<string>();
    for (const link of all) {
      assert.match(link, /^(?:[\w.~-]|%[0-9A-F]{2})+$/);
      const answer = await site.ask(directory + link);
      assert.equal(answer.status, 200, link);
      fetched.add(answer.body.toString("hex"));
    }
    assert.deepEqual(fetched, expected);
  }
}

describe("two names that differ in their form of Unicode only", formMatters, () => {
  // Composed and not (NFC, NFD), and one that both would turn into another letter (NFKC, and ANGSTROM SIGN in NFC).
  const NAMES = [
    "\u00e9.txt",
    "e\u0301.txt",
    "\u00c5.txt",
    "A\u030a.txt",
    "\u212b.txt",
    "\ufb01.txt",
    "fi.txt",
  ];
  before(() => {
    for (const name of NAMES) put(folder.path, `forms/${name}`, name);
    put(folder.path, "composed/\u00e9.txt", "composed");
    put(folder.path, "composed/\u00e9/x", "below");
  });

  it("are both listed, and each is fetched by its own link", () =>
    isFetchedByItsOwnLink(
      "/forms/",
      NAMES.map((name) => Buffer.from(name)),
    ));

  it("are not taken for each other: the form that is not there is 404, a directory as well", async () => {
    assert.equal((await site.ask("/composed/%C3%A9.txt")).text, "composed");
    assert.equal((await site.ask("/composed/e%CC%81.txt")).status, 404);
    assert.equal((await site.ask("/composed/%C3%A9/x")).text, "below");
    for (const target of ["/composed/e%CC%81/x", "/composed/e%CC%81/", "/composed/e%CC%81"])
      assert.equal((await site.ask(target)).status, 404, target);
  });

  it("are not composed by an application or an override in between: the target goes to the disk as it came", async () => {
    // Raw bytes, as some clients send them, are the same name as with escapes.
    assert.equal((await site.ask("/composed/\u00c3\u00a9.txt")).text, "composed");
    assert.equal((await site.ask("/composed/e\u00cc\u0081.txt")).status, 404);
  });
});

describe("two names that differ in case only", caseMatters, () => {
  const NAMES = ["readme", "README", "ReadMe", "stra\u00dfe", "STRASSE", "\u0131", "I", "i", "\u212a", "k"];
  before(() => {
    for (const name of NAMES) put(folder.path, `case/${name}`, name);
    put(folder.path, "one-case/Only.TXT", "only");
    put(folder.path, "one-case/Index.HTML", "no index page");
  });

  it("are both listed, and each is fetched by its own link", () =>
    isFetchedByItsOwnLink(
      "/case/",
      NAMES.map((name) => Buffer.from(name)),
    ));

  it("are not taken for each other: another case is 404, and Index.HTML no index page", async () => {
    for (const target of ["/one-case/only.txt", "/one-case/ONLY.TXT", "/ONE-CASE/Only.TXT", "/One-case/"])
      assert.equal((await site.ask(target)).status, 404, target);
    assert.equal((await site.ask("/one-case/Only.TXT")).text, "only");
    assert.match((await site.ask("/one-case/")).text, /<title>Directory listing/);
  });
});

describe("a name that other programs read as something else", posix, () => {
  const NAMES = [
    "-rf",
    "--help",
    "trailing dot.",
    "trailing dots...",
    "trailing blank ",
    " ",
    "~",
    "~root",
    "$HOME",
    "`id`",
    "*",
    "con",
    "NUL",
    "aux.txt",
    "file.txt::$DATA",
    "c:",
    "C:\\boot.ini",
    "PROGRA~1",
    "\\\\server\\share",
    "a;b",
    "a%",
    "%",
    "%2e%2e",
    "x..;",
    "a?b=c",
    "a#b",
    'quote"quote',
    "it's",
    "new\nline",
    "\r\nSet-Cookie: a=b",
    "tab\there",
    "x".repeat(255),
    "\u20ac".repeat(85),
    "\u{1f600}".repeat(63),
    "javascript:alert(1)",
    "</script><script>alert(1)</script>".replaceAll("/", "\\"),
    "&lt;",
    "404.html",
    "a.txt.gz",
    "\ufeffbom",
    "\ufffd",
    "\u202egnp.exe",
    "null\u0001control",
  ];
  before(() => {
    for (const name of NAMES) put(folder.path, `odd/${name}`, name);
  });

  it("is listed, and fetched by its own link", () =>
    isFetchedByItsOwnLink(
      "/odd/",
      NAMES.map((name) => Buffer.from(name)),
    ));

  it("has the very name in JSON", async () => {
    const names = (await entriesOf("/odd/")).map(({ name }) => name);
    assert.deepEqual(new Set(names), new Set(NAMES));
  });

  it("is not found under what such a program would make of it", async () => {
    put(folder.path, "plain/file.txt", "plain");
    for (const name of [
      "file.txt.",
      "file.txt%20",
      "file.txt...",
      "file.txt::$DATA",
      "file.txt%00",
      "FILE~1.TXT",
      "file.txt/",
      "file.txt%2f",
      "file.txt\\",
      "file.txt%5c",
      "file.txt;",
      "file.txt%0a",
      "file%2etxt%2e",
      ".%5cfile.txt",
      "%ef%bb%bffile.txt",
      "file%EF%BC%8Etxt",
      "file.tx%2574",
    ]) {
      const { status, text } = await site.ask(`/plain/${name}`);
      assert.ok(status === 404 || status === 400, `${name} ${status}`);
      assert.notEqual(text, "plain", name);
    }
  });
});

describe("a name that is longer than any can be", () => {
  it("is 404 for a file, a directory and what is below, by characters and by bytes", async () => {
    for (const name of ["x".repeat(256), "%E2%82%AC".repeat(86), "%ff".repeat(256), `${"x".repeat(256)}/y`])
      for (const end of ["", "/"]) assert.equal((await site.ask(`/${name}${end}`)).status, 404);
  });
});

describe("a name that is not UTF-8", anyByte, () => {
  const NAMES = [
    [0xff],
    [0x61, 0xe9],
    [0xc0, 0xaf],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x98],
    [0x80, 0x2e, 0x74, 0x78, 0x74],
    Array.from({ length: 255 }, () => 0xfe),
    [...Buffer.from("\u00e4"), 0xe4],
  ].map((bytes) => Buffer.from(bytes));
  before(() => {
    mkdirSync(join(folder.path, "bytes"));
    for (const name of NAMES)
      writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/bytes/`), name]), name);
  });

  it("is listed as a page and as JSON, and fetched by its own link from both", () =>
    isFetchedByItsOwnLink("/bytes/", NAMES));

  it("is not found under the text that is shown for it", async () => {
    for (const target of [
      "/bytes/%EF%BF%BD",
      "/bytes/a%EF%BF%BD",
      "/bytes/a%C3%A9",
      "/bytes/%2f",
      "/bytes//",
    ])
      assert.notEqual((await site.ask(target)).body.length, 1, target);
    assert.equal((await site.ask("/bytes/%EF%BF%BD")).status, 404);
    // U+DCFF, which stands for the byte, is no character that UTF-8 has.
    assert.equal((await site.ask("/bytes/%ED%B3%BF")).status, 404);
  });

  it("can be sent from memory and in ranges as any", async () => {
    const link = `/bytes/${"%FE".repeat(255)}`;
    for (let i = 0; i < 3; i++) assert.equal((await site.ask(link)).body.length, 255);
    assert.equal((await site.ask(link, { fields: { Range: "bytes=0-9" } })).body.length, 10);
  });
});
