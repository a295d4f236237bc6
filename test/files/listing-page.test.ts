import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DirectoryEntry } from "../../src/files/directory-entry.ts";
import { BY_NAME } from "../../src/files/entry-order.ts";
import {
  type ListingTotal,
  type ListingView,
  renderEnd,
  renderHead,
  renderRows,
  renderTop,
} from "../../src/files/listing-page.ts";

const FILE: DirectoryEntry = {
  name: "a.txt",
  isDirectory: false,
  isLink: false,
  size: 1234,
  modified: Date.UTC(2020, 1, 29, 12, 34, 56),
};
const DIRECTORY: DirectoryEntry = { ...FILE, name: "d", isDirectory: true, size: undefined };
const VIEW: ListingView = {
  path: "/",
  order: BY_NAME,
  hasPreviews: false,
  archives: [],
  typeOf: (name) => (name.endsWith(".png") ? "image/png" : "text/plain; charset=utf-8"),
};
const TOTAL: ListingTotal = { folders: 0, files: 1, size: 1234, hasImages: false };

const head = (view: Partial<ListingView>, total: Partial<ListingTotal> = {}): string =>
  renderHead({ ...VIEW, ...view }, { ...TOTAL, ...total });
const rows = (view: Partial<ListingView>, ...entries: DirectoryEntry[]): string =>
  [...renderRows({ ...VIEW, ...view }, entries, { folders: 0, files: entries.length })].join("");
const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();

describe("the top of a listing", () => {
  it("has the title of the original, in title and h1, escaped as HTML", () => {
    const page = renderTop({ ...VIEW, path: `/<i>"'&/` });
    assert.match(page, /<title>Directory listing for \/&lt;i&gt;&quot;&#39;&amp;\/<\/title>/);
    assert.match(
      page,
      /<h1><span>Directory listing for <\/span>\/<bdi>&lt;i&gt;&quot;&#39;&amp;<\/bdi>\/<\/h1>/,
    );
    assert.doesNotMatch(page, /<i>/);
  });

  it("leads to each folder above by relative links, and says which one this is", () => {
    const crumbs = /<ol>(.*)<\/ol>/.exec(renderTop({ ...VIEW, path: "/a b/c/" }))![1]!;
    const links = [...crumbs.matchAll(/<a href="([^"]*)">(.*?)<\/a>/g)];
    assert.deepEqual(
      links.map(([, href, text]) => [href, textOf(text!)]),
      [
        ["../../", "Top folder"],
        ["../", "a b"],
      ],
    );
    assert.match(crumbs, /<span aria-current="page"><bdi>c<\/bdi><\/span>/);
  });

  it("asks for tiles where previews are wanted", () => {
    assert.match(renderTop({ ...VIEW, hasPreviews: true }), /<body class="tiles">/);
    assert.match(renderTop(VIEW), /<body>/);
  });
});

describe("the head of the table", () => {
  it("counts folders, files and bytes", () => {
    assert.match(
      textOf(head({}, { folders: 2, files: 1, size: 1536 })),
      /^3 entries · 2 folders · 1 file · 1\.5 KiB/,
    );
    assert.match(textOf(head({}, { folders: 1, files: 0, size: 0 })), /^1 entry · 1 folder /);
    assert.match(textOf(head({}, { folders: 0, files: 0, size: 0 })), /^0 entries /);
    assert.match(textOf(head({}, { folders: 0, files: 100_000, size: 0 })), /^100,000 entries/);
  });

  it("sorts by links: the column in use the other way round, size and date from the top", () => {
    const hrefs = (html: string): string[] =>
      [...html.matchAll(/<th [^>]*><a href="([^"]*)" rel="nofollow">/g)].map(([, href]) => href!);
    assert.deepEqual(hrefs(head({})), [
      "?sort=name&amp;order=desc",
      "?sort=type&amp;order=asc",
      "?sort=size&amp;order=desc",
      "?sort=date&amp;order=desc",
    ]);
    const bySize = head({ order: { column: "size", isDescending: true }, hasPreviews: true });
    assert.deepEqual(hrefs(bySize), [
      "?view=tiles",
      "?sort=type&amp;order=asc&amp;view=tiles",
      "?sort=size&amp;order=asc&amp;view=tiles",
      "?sort=date&amp;order=desc&amp;view=tiles",
    ]);
    assert.match(bySize, /class="s" aria-sort="descending"/);
    assert.equal(bySize.match(/aria-sort/g)?.length, 1);
  });

  it("says of which zone the times are, to those who see as well", () => {
    assert.match(head({}), />Modified \(UTC\)<\/a>/);
  });

  it("links to the parent, except at the top", () => {
    assert.match(head({ path: "/a/" }), /<a class="up" href="\.\.\/">/);
    assert.doesNotMatch(head({}), /href="\.\.\/"/);
  });

  it("offers previews where there are images, archives where they are allowed, and neither of an empty folder", () => {
    assert.doesNotMatch(head({}), /previews|archive=/);
    assert.match(
      head({}, { hasImages: true }),
      /<a class="view" href="\?view=tiles" rel="nofollow">Show previews<\/a>/,
    );
    assert.match(
      head({ hasPreviews: true }),
      /<a class="view" href="\.\/" rel="nofollow">Show as a table<\/a>/,
    );
    assert.match(
      head({ archives: ["zip", "tar"] }),
      /href="\?archive=zip" rel="nofollow" download>.*href="\?archive=tar" rel="nofollow" download>/s,
    );
    assert.doesNotMatch(head({ archives: ["zip"] }, { folders: 0, files: 0 }), /archive=/);
  });
});

describe("the rows", () => {
  it("stand in groups; one that is not full is marked, as it would take the room of a full one out of sight", () => {
    const groups = (count: number): string[] =>
      [...rows({}, ...Array.from({ length: count }, () => FILE)).matchAll(/<tbody class="([^"]*)"/g)].map(
        ([, name]) => name!,
      );
    assert.deepEqual(groups(0), []);
    assert.deepEqual(groups(1), ["rows few"]);
    assert.deepEqual(groups(100), ["rows"]);
    assert.deepEqual(groups(101), ["rows", "rows few"]);
    assert.deepEqual(groups(301), ["rows", "rows late", "rows late", "rows few"]);
  });
});

describe("a row", () => {
  it("escapes names as HTML, and in links as URLs", () => {
    const row = rows({}, { ...FILE, name: `<b>"'&amp;%A4?#` });
    assert.match(row, /<a class="text" href="%3Cb%3E%22%27%26amp%3B%25A4%3F%23">/);
    assert.match(row, />&lt;b&gt;&quot;&#39;&amp;amp;%A4\?#<\/a>/);
    assert.doesNotMatch(row, /<b>/);
  });

  it("shows a name that nobody could see or click: each of its characters as an open box", () => {
    for (const name of ["   ", "\u3000", "\u3164", "\u2800", "\u200d\u200c", "\u00a0"])
      assert.ok(
        rows({}, { ...FILE, name }).includes(`<bdi>${"\u2423".repeat(name.length)}</bdi>`),
        encodeURIComponent(name),
      );
    assert.match(rows({}, { ...FILE, name: " a " }), /<bdi> a <\/bdi>/);
  });

  it("shows hidden characters of a name by their numbers: nothing is turned round, nothing ends the line", () => {
    const shown = (name: string): string => /<bdi>(.*)<\/bdi>/.exec(rows({}, { ...FILE, name }))![1]!;
    assert.equal(shown("\u202egnp.exe"), '<i dir="ltr">[U+202E]</i>gnp.exe');
    assert.equal(shown("a\n<b"), 'a<i dir="ltr">[U+000A]</i>&lt;b');
    for (const name of ["\u0001\t", "\u2028\u200b", "\ufeff"])
      assert.match(shown(name), /^(<i[^<]*\]<\/i>)+$/);
    assert.match(rows({}, { ...FILE, name: "\u202egnp.exe" }), /href="%E2%80%AEgnp\.exe"/);
    const top = renderTop({ ...VIEW, path: "/\u202egnp/" });
    assert.match(top, /<title>Directory listing for \/\[U\+202E\]gnp\/<\/title>/);
    assert.doesNotMatch(top, /\u202e/);
  });

  it("marks a directory with a slash and a link with @; the link to a directory leads to its slash", () => {
    assert.match(rows({}, DIRECTORY), /<a class="folder" href="d\/">d<i>\/<\/i>/);
    assert.match(rows({}, { ...FILE, isLink: true }), /<a class="text" href="a\.txt">a\.txt<i>@<\/i>/);
    assert.match(rows({}, { ...DIRECTORY, isLink: true }), /<a class="folder" href="d\/">d<i>@<\/i>/);
  });

  it("shows type, size and date of a file, and no size of a directory", () => {
    const row = rows({}, FILE);
    assert.match(row, /<span title="1234 bytes">1\.2 KiB<\/span>/);
    assert.equal(textOf(row), "a.txt TXT text 1.2 KiB 2020-02-29 12:34");
    assert.equal(textOf(rows({}, DIRECTORY)), "d / Folder 2020-02-29 12:34");
  });

  it("shows an entry whose time is beyond every calendar", () => {
    for (const modified of [1e18, -1e18, Number.NaN])
      assert.match(rows({}, { ...FILE, modified }), /a\.txt.*class="d"><\/tbody>/s);
  });

  it("has a picture of an image where previews are wanted, loaded when it comes into sight", () => {
    const image = { ...FILE, name: "a b.png" };
    assert.match(rows({ hasPreviews: true }, image), /<img src="a%20b\.png" alt="" loading="lazy"/);
    assert.doesNotMatch(rows({}, image) + rows({ hasPreviews: true }, FILE), /<img/);
  });

  it("has its icon instead of an image of more than 8 MiB", () => {
    const image = { ...FILE, name: "a.png", size: 8 * 2 ** 20 };
    assert.match(rows({ hasPreviews: true }, image), /<img/);
    const larger = rows({ hasPreviews: true }, { ...image, size: image.size + 1 });
    assert.match(larger, /<a class="image" href="a\.png">/);
    assert.doesNotMatch(larger, /<img/);
  });

  it("belongs to a group of 100, which a browser can leave out of its layout", () => {
    const many = rows({}, ...Array.from({ length: 201 }, (_, index) => ({ ...FILE, name: `${index}` })));
    assert.equal(many.match(/<tbody class="rows(?: few| late)?" role="rowgroup">/g)?.length, 3);
    assert.equal(many.match(/<\/tbody>/g)?.length, 3);
    assert.equal(many.match(/<tr\srole="row">/g)?.length, 201);
    assert.doesNotMatch(many, /<(\/tr|tbody[^>]*)>\s/, "a node of blanks between rows");
  });
});

it("the end of an empty listing says so", () => {
  assert.match(renderEnd({ ...TOTAL, files: 0 }), /This folder is empty\./);
  assert.match(renderEnd(TOTAL), /id="none" hidden/);
});
