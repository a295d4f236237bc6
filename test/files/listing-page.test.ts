import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DirectoryEntry } from "../../src/files/directory-entries.ts";
import { formatSize, renderListing } from "../../src/files/listing-page.ts";

const FILE: DirectoryEntry = {
  name: "a.txt",
  isDirectory: false,
  isLink: false,
  size: 1234,
  modified: Date.UTC(2020, 1, 29, 12, 34, 56),
};

describe("renderListing", () => {
  it("has the title of the original, in title and h1", () => {
    const page = renderListing("/a b/", []);
    assert.match(page, /<title>Directory listing for \/a b\/<\/title>/);
    assert.match(page, /<h1>Directory listing for \/a b\/<\/h1>/);
  });

  it("escapes path and names as HTML, and names in links as URLs", () => {
    const page = renderListing(`/<i>"'&/`, [{ ...FILE, name: `<b>"'&amp;%A4?#` }]);
    assert.match(page, /listing for \/&lt;i&gt;&quot;&#39;&amp;\/</);
    assert.match(
      page,
      /<a href="%3Cb%3E%22%27%26amp%3B%25A4%3F%23"><bdi>&lt;b&gt;&quot;&#39;&amp;amp;%A4\?#<\/bdi><\/a>/,
    );
    assert.doesNotMatch(page, /<[ib]>/);
  });

  it("marks a directory with a slash and a link with @; the link to a directory leads to its slash", () => {
    const directory = { ...FILE, name: "d", isDirectory: true, size: undefined };
    assert.match(renderListing("/", [directory]), /<a href="d\/"><bdi>d<\/bdi>\/<\/a>/);
    assert.match(
      renderListing("/", [{ ...FILE, isLink: true }]),
      /<a href="a\.txt"><bdi>a\.txt<\/bdi>@<\/a>/,
    );
    assert.match(renderListing("/", [{ ...directory, isLink: true }]), /<a href="d\/"><bdi>d<\/bdi>@<\/a>/);
  });

  it("shows size and date of a file, and no size of a directory", () => {
    const page = renderListing("/", [FILE]);
    assert.match(page, /<span title="1234 bytes">1\.2 KiB<\/span>/);
    assert.match(page, />2020-02-29 12:34</);
    assert.doesNotMatch(renderListing("/", [{ ...FILE, isDirectory: true, size: undefined }]), /bytes/);
  });

  it("links to the parent, except at the root", () => {
    assert.match(renderListing("/a/", []), /href="\.\.\/"/);
    assert.doesNotMatch(renderListing("/", []), /href/);
  });

  it("counts the entries", () => {
    assert.match(renderListing("/", []), />0 entries</);
    assert.match(renderListing("/", [FILE]), />1 entry</);
    assert.match(renderListing("/", [FILE, { ...FILE, name: "b" }]), />2 entries</);
  });

  it("shows entries whose time is beyond every calendar", () => {
    for (const modified of [1e18, -1e18, Number.NaN]) {
      assert.match(renderListing("/", [{ ...FILE, modified }]), /a\.txt/);
    }
  });
});

describe("formatSize", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 KiB"],
    [1024, "1.0 KiB"],
    [10_188, "9.9 KiB"],
    [10_189, "10 KiB"],
    [1_022_976, "999 KiB"],
    [1_023_488, "1.0 MiB"],
    [12 * 1024 ** 2, "12 MiB"],
    [1024 ** 3, "1.0 GiB"],
    [5.5 * 1024 ** 4, "5.5 TiB"],
    [Number.MAX_SAFE_INTEGER, "8.0 PiB"],
  ];
  for (const [bytes, text] of cases)
    it(`writes ${bytes} as ${text}`, () => assert.equal(formatSize(bytes), text));
});
