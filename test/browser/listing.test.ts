// The listing in a real browser.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { type Site, startSite } from "../files/running-site.ts";
import { emptyDirectory, put } from "../files/tree.ts";
import { accessibilityFaults, launch, SKIP_WITHOUT_BROWSER } from "./chromium.ts";
import { fillDemoFolder } from "./demo-folder.ts";

const PHONE = { width: 360, height: 740 };

describe("in Chromium", { skip: SKIP_WITHOUT_BROWSER }, () => {
  const folder = emptyDirectory();
  let browser: Browser;
  let site: Site;
  before(async () => {
    fillDemoFolder(folder.path);
    site = await startSite({ directory: folder.path });
    browser = await launch();
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** A page of its own, closed at the end of the block. Whatever the browser complains about is a failure. */
  async function open(
    path: string,
    options: BrowserContextOptions = {},
    port = site.port,
  ): Promise<AsyncDisposable & { page: Page; requests: string[] }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => {
      // Every browser asks for an icon, and there need not be one.
      if (message.location().url.endsWith("/favicon.ico")) return;
      // axe looks at what is hidden, too.
      if (message.text().startsWith("Rendering was performed in a subtree hidden")) return;
      complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`http://127.0.0.1:${port}${path}`);
    return {
      page,
      requests,
      async [Symbol.asyncDispose]() {
        await context.close();
        assert.deepEqual(complaints, []);
      },
    };
  }

  /** Clicks a link, and waits for the page behind it: until then one may still read the old one. */
  async function follow(page: Page, link: Locator, url: RegExp): Promise<void> {
    await link.click();
    await page.waitForURL(url);
  }

  /** The names that are shown, from top to bottom. */
  const namesOn = (page: Page): Promise<string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("tbody.rows tr")]
        .filter((row) => row.checkVisibility())
        .map((row) => row.querySelector("a")!.textContent.replace(/[/@]$/, "")),
    );

  it("asks nobody but its own server, and runs under its policy", async () => {
    await using opened = await open("/photos/?view=tiles");
    await opened.page.waitForLoadState("networkidle");
    for (const url of opened.requests) assert.equal(new URL(url).port, String(site.port), url);
    assert.ok(opened.requests.length > 5);
  });

  for (const [name, options] of [
    ["with JavaScript", {}],
    ["without JavaScript", { javaScriptEnabled: false }],
  ] as const) {
    it(`is sorted by a click on each column, folders first, ${name}`, async () => {
      await using opened = await open("/", options);
      const { page } = opened;
      const rows = page.locator("tbody.rows tr");
      const first = async (index: number): Promise<string> =>
        (await rows.nth(index).locator("a").textContent())!.replace(/\/$/, "");
      const folders = 5;
      assert.equal(await first(folders), "budget.xlsx");
      const size = page.getByRole("link", { name: "Size" });
      const name = page.getByRole("link", { name: "Name", exact: true });
      await follow(page, size, /sort=size&order=desc/);
      assert.equal(await first(0), "docs");
      assert.equal(await first(folders), "film.mp4");
      assert.equal(
        await page.getByRole("columnheader", { name: "Size" }).getAttribute("aria-sort"),
        "descending",
      );
      await follow(page, size, /sort=size&order=asc/);
      assert.equal(await first(folders), "logo.svg");
      await follow(page, page.getByRole("link", { name: "Modified" }), /sort=date/);
      assert.equal(await first(folders), "README.md");
      await follow(page, page.getByRole("link", { name: "Type" }), /sort=type/);
      assert.equal(await rows.nth(folders).locator(".t").textContent(), "CSS code");
      await follow(page, name, /\/\??$/);
      await follow(page, name, /sort=name&order=desc$/);
      assert.equal(await first(0), "src");
    });
  }

  it("leads up by its breadcrumbs and the row of the parent, and down by its rows", async () => {
    await using opened = await open("/photos/originals/");
    const { page } = opened;
    await follow(page, page.getByRole("navigation").getByRole("link", { name: "photos" }), /\/photos\/$/);
    assert.equal(await page.title(), "Directory listing for /photos/");
    await follow(page, page.getByRole("link", { name: "Parent folder" }), /\d\/$/);
    assert.equal(await page.title(), "Directory listing for /");
    await follow(page, page.getByRole("link", { name: "docs/" }), /\/docs\/$/);
    assert.equal(await page.getByRole("heading").innerText(), "Directory listing for\n/docs/");
  });

  it("filters while one types, counts, keeps the filter when it is sorted, and forgets it with Escape", async () => {
    await using opened = await open("/");
    const { page } = opened;
    const field = page.getByRole("searchbox");
    await field.fill("REL gz");
    assert.deepEqual(await namesOn(page), ["release-2.9.0.tar.gz", "release-2.10.0.tar.gz"]);
    assert.equal(await page.locator("#found").innerText(), "2 of 19 shown");
    await page.waitForURL("**/#filter=REL%20gz");
    await follow(page, page.getByRole("link", { name: "Size" }), /sort=size/);
    assert.equal(await field.inputValue(), "REL gz");
    assert.deepEqual(await namesOn(page), ["release-2.10.0.tar.gz", "release-2.9.0.tar.gz"]);
    await field.fill("nothing like that");
    assert.ok(await page.getByText("No name here has that in it.").isVisible());
    await field.press("Escape");
    assert.equal((await namesOn(page)).length, 19);
    assert.equal(await page.locator("#found").innerText(), "");
  });

  it("takes the way to the entries for no filter: all are there when the page is loaded again", async () => {
    await using opened = await open("/#entries");
    assert.equal(await opened.page.locator("#filter").inputValue(), "");
    assert.equal((await namesOn(opened.page)).length, 19);
  });

  it("keeps what one types into the filter while rows still arrive", async () => {
    const { body } = await site.ask("/");
    const parts = body.toString("utf8").split("</tbody>");
    const slow = createServer();
    slow.listen(0, "127.0.0.1");
    await once(slow, "listening");
    try {
      await using opened = await open("/empty/");
      const { page } = opened;
      const asked = once(slow, "request");
      const { port } = slow.address() as AddressInfo;
      const loaded = page.goto(`http://127.0.0.1:${port}/`);
      const [, response] = (await asked) as [unknown, ServerResponse];
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.write(parts[0]);
      await page.locator("#filter").fill("gz");
      response.end(`</tbody>${parts.slice(1).join("</tbody>")}`);
      await loaded;
      assert.equal(await page.locator("#filter").inputValue(), "gz");
      assert.deepEqual(await namesOn(page), ["release-2.9.0.tar.gz", "release-2.10.0.tar.gz"]);
    } finally {
      slow.close();
    }
  });

  it("has no filter without JavaScript", async () => {
    await using opened = await open("/", { javaScriptEnabled: false });
    assert.equal(await opened.page.getByRole("searchbox").count(), 0);
    assert.equal(await opened.page.locator("tbody.rows tr").count(), 19);
  });

  it("is used by keyboard alone: skip link, slash, arrows, Enter", async () => {
    await using opened = await open("/");
    const { page } = opened;
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.id);
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the entries");
    assert.ok(await page.getByText("Skip to the entries").isVisible());
    await page.keyboard.press("Enter");
    // Behind it come the columns, then the rows.
    for (let i = 0; i < 5; i++) await page.keyboard.press("Tab");
    assert.equal(await focused(), "docs/");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(), "empty/");
    await page.keyboard.press("/");
    assert.equal(await focused(), "filter");
    await page.keyboard.type("pho");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(), "photos/");
    await page.keyboard.press("ArrowUp");
    assert.equal(await focused(), "filter");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/photos/");
    // What has the focus shows it.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineWidth);
    assert.equal(outline, "2px");
  });

  describe("axe finds nothing", () => {
    for (const [what, path, options] of [
      ["in the light", "/", {}],
      ["in the dark", "/", { colorScheme: "dark" }],
      ["on a phone", "/photos/", { viewport: PHONE }],
      ["among previews", "/photos/?view=tiles", {}],
      ["among previews in the dark", "/photos/?view=tiles", { colorScheme: "dark" }],
      ["in a sorted folder", "/photos/?sort=size&order=desc", {}],
      ["in an empty folder", "/empty/", {}],
      ["on an error page", "/no-such-file", {}],
      ["on an error page in the dark", "/no-such-file", { colorScheme: "dark" }],
    ] as const) {
      it(what, async () => {
        // The log of the browser has the 404.
        const context = await browser.newContext(options);
        const page = await context.newPage();
        await page.goto(`http://127.0.0.1:${site.port}${path}`);
        assert.deepEqual(await accessibilityFaults(page), []);
        await context.close();
      });
    }

    it("while the filter is used, with a row in focus", async () => {
      await using opened = await open("/");
      await opened.page.getByRole("searchbox").fill("e");
      await opened.page.keyboard.press("ArrowDown");
      assert.deepEqual(await accessibilityFaults(opened.page), []);
      await opened.page.getByRole("searchbox").fill("no such name");
      assert.deepEqual(await accessibilityFaults(opened.page), []);
    });
  });

  it("is a table to a screen reader, although it is laid out as a grid", async () => {
    await using opened = await open("/photos/");
    const { page } = opened;
    const table = page.getByRole("table", { name: "Entries" });
    assert.equal(await table.getByRole("columnheader").count(), 4);
    assert.equal(await table.getByRole("row").count(), 10);
    assert.equal(
      await table
        .getByRole("row", { name: /^dawn\.png PNG image/ })
        .getByRole("cell")
        .count(),
      4,
    );
    assert.equal(await page.getByRole("link", { name: "Download this folder as zip" }).count(), 1);
  });

  it("is dark where the system is, and the error page, too", async () => {
    const brightness = (page: Page): Promise<number> =>
      page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)![0]));
    await using dark = await open("/", { colorScheme: "dark" });
    assert.ok((await brightness(dark.page)) < 64);
    await dark.page.emulateMedia({ colorScheme: "light" });
    assert.ok((await brightness(dark.page)) > 192);
  });

  for (const width of [320, 360, 768, 1280, 2560]) {
    it(`fits a screen of ${width} pixels: nothing scrolls sideways, nothing is cut off`, async () => {
      for (const path of ["/", "/photos/?sort=date&order=desc", "/photos/?view=tiles"]) {
        await using opened = await open(path, { viewport: { width, height: 800 } });
        const { page } = opened;
        assert.ok(
          await page.evaluate(
            () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
          ),
          path,
        );
        const wide = await page.evaluate(() =>
          [...document.querySelectorAll("main *")]
            .filter((element) => element.checkVisibility() && !element.closest(".spoken"))
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
            .map((element) => element.outerHTML.slice(0, 100)),
        );
        assert.deepEqual(wide, [], path);
      }
    });
  }

  it("shows names of any script in their own direction, and what belongs to them in its place", async () => {
    using directory = emptyDirectory();
    put(directory.path, "שלום/x", "");
    put(directory.path, "\u202Egnp.exe", "");
    await using other = await startSite({ directory: directory.path });
    await using opened = await open("/", {}, other.port);
    const ends = await opened.page.evaluate(() =>
      ["tbody.rows tr:first-child bdi", "tbody.rows tr:first-child i"].map(
        (selector) => document.querySelector(selector)!.getBoundingClientRect().left,
      ),
    );
    assert.ok(ends[1]! > ends[0]!, "the slash stands behind the name");
    const type = opened.page.locator("tbody.rows tr:nth-child(2) .t");
    assert.equal(await type.innerText(), "EXE file");
    const suffix = await opened.page.evaluate(() => {
      const { lastChild } = document.querySelector("tbody.rows tr:nth-child(2) bdi")!;
      const left = (from: number): number => {
        const range = document.createRange();
        range.setStart(lastChild!, from);
        range.setEnd(lastChild!, from + 1);
        return range.getBoundingClientRect().left;
      };
      return [left(0), left("gnp.ex".length)];
    });
    assert.ok(suffix[1]! > suffix[0]!, "U+202E is a number, and turns nothing round");
  });

  it("names folders above from left to right, whatever the direction of their names", async () => {
    using directory = emptyDirectory();
    put(directory.path, "שלום/مرحبا/x", "");
    await using other = await startSite({ directory: directory.path });
    await using opened = await open(encodeURI("/שלום/مرحبا/"), {}, other.port);
    const lefts = await opened.page.evaluate(() =>
      [...document.querySelectorAll("h1 bdi")].map((name) => name.getBoundingClientRect().left),
    );
    assert.equal(lefts.length, 2);
    assert.ok(lefts[1]! > lefts[0]!);
    assert.equal(await opened.page.title(), "Directory listing for /שלום/مرحبا/");
  });

  it("finds names by what is shown and by what they are: hidden characters, letters that a Mac has not composed", async () => {
    using directory = emptyDirectory();
    put(directory.path, "photo\u202Egnp.exe", "");
    put(directory.path, "Cafe\u0301.txt", "");
    put(directory.path, "plain.txt", "");
    await using other = await startSite({ directory: directory.path });
    await using opened = await open("/", {}, other.port);
    const { page } = opened;
    for (const text of ["[u+202e]", "photo\u202Egnp", "gnp.exe"]) {
      await page.locator("#filter").fill(text);
      assert.deepEqual(await namesOn(page), ["photo[U+202E]gnp.exe"], text);
    }
    for (const text of ["CAF\u00C9", "cafe\u0301"]) {
      await page.locator("#filter").fill(text);
      assert.deepEqual(await namesOn(page), ["Cafe\u0301.txt"], text);
    }
  });

  it("shows previews on demand: those in sight, and the others when they come into sight", async () => {
    using directory = emptyDirectory();
    const picture = (await site.ask("/photos/dawn.png")).body;
    for (let i = 0; i < 200; i++) writeFileSync(join(directory.path, `${i}.png`), picture);
    await using other = await startSite({ directory: directory.path });
    await using opened = await open("/", { viewport: { width: 800, height: 600 } }, other.port);
    const { page, requests } = opened;
    const pictures = (): number => requests.filter((url) => url.endsWith(".png")).length;
    assert.equal(pictures(), 0);
    await follow(page, page.getByRole("link", { name: "Show previews" }), /view=tiles/);
    await page.waitForFunction(() => (document.querySelector("img")?.naturalWidth ?? 0) > 0);
    assert.ok(pictures() > 0 && pictures() < 200, `${pictures()} at first`);
    await page.keyboard.press("End");
    await page.waitForFunction(() => [...document.querySelectorAll("img")].at(-1)!.naturalWidth > 0);
    await page.keyboard.press("Home");
    await follow(page, page.getByRole("link", { name: "Show as a table" }), /\d\/$/);
    assert.equal(await page.locator("tbody.rows tr").count(), 200);
    assert.equal(await page.locator("img").count(), 0);
  });

  it("shows an image that the browser cannot read by its icon", async () => {
    using directory = emptyDirectory();
    put(directory.path, "photo.heic", "not for browsers");
    await using other = await startSite({ directory: directory.path });
    await using opened = await open("/?view=tiles", {}, other.port);
    const { page } = opened;
    await page.locator("a.image").waitFor();
    assert.equal(await page.locator("img").count(), 0);
    assert.equal(await page.locator("a.image").innerText(), "photo.heic");
  });

  for (const width of [360, 1100]) {
    it(`shows the nearest of many folders above, and the way up to the top, at ${width} pixels`, async () => {
      using directory = emptyDirectory();
      const names = Array.from({ length: 12 }, (_, depth) => `level ${depth} of many`);
      put(directory.path, [...names, "x.txt"].join("/"), "");
      await using other = await startSite({ directory: directory.path });
      const path = `/${names.map(encodeURIComponent).join("/")}/`;
      await using opened = await open(path, { viewport: { width, height: 800 } }, other.port);
      const { page } = opened;
      assert.equal(await page.title(), `Directory listing for /${names.join("/")}/`);
      const isInSight = (selector: string): Promise<boolean> =>
        page.evaluate((which) => {
          const [inner, outer] = [document.querySelector(which)!, document.querySelector("nav")!];
          const [box, frame] = [inner.getBoundingClientRect(), outer.getBoundingClientRect()];
          return box.right <= frame.right + 1 && box.left >= frame.left - 1;
        }, selector);
      assert.ok(await isInSight("nav [aria-current]"), "the folder itself");
      await page.locator("nav a").first().focus();
      assert.ok(await isInSight("nav a"), "the top one, by keyboard");
    });
  }

  it("prints its rows, and nothing that only a screen can use", async () => {
    await using opened = await open("/", { colorScheme: "dark" });
    const { page } = opened;
    await page.emulateMedia({ media: "print" });
    for (const selector of ["header", ".about ul", ".skip"])
      assert.equal(await page.locator(selector).isVisible(), false, selector);
    assert.equal((await namesOn(page)).length, 19);
    assert.ok((await page.pdf()).length > 10_000);
  });

  describe("with 100 000 entries", () => {
    const many = emptyDirectory();
    let large: Site;
    before(async () => {
      for (let i = 0; i < 100_000; i++) writeFileSync(join(many.path, `entry ${i}.txt`), "");
      large = await startSite({ directory: many.path });
    });
    after(async () => {
      await large[Symbol.asyncDispose]();
      many[Symbol.dispose]();
    });

    it(
      "can be scrolled, filtered, sorted and clicked; what is not in sight is not laid out",
      { timeout: 240_000 },
      async () => {
        await using opened = await open("/", {}, large.port);
        const { page } = opened;
        // Selectors by CSS: Playwright would look at each of a million elements for others.
        page.setDefaultTimeout(60_000);
        assert.match(await page.locator(".about p").innerText(), /^100,000 entries/);
        const laidOut = await page.evaluate(
          () =>
            [...document.querySelectorAll("tbody.rows")].filter((group) =>
              group.firstElementChild!.checkVisibility({ contentVisibilityAuto: true }),
            ).length,
        );
        assert.ok(laidOut < 20, `${laidOut} groups of 500 are laid out`);
        await page.keyboard.press("End");
        await page.waitForFunction(() => {
          const { bottom } = document.querySelector("tbody.rows:last-of-type")!.getBoundingClientRect();
          return bottom <= innerHeight + 200;
        });
        await page.locator("#filter").fill("99999");
        await page.waitForFunction(
          () => document.querySelector("#found")!.textContent === "1 of 100,000 shown",
        );
        assert.deepEqual(await namesOn(page), ["entry 99999.txt"]);
        await page.locator("#filter").press("Escape");
        await page.waitForFunction(() => document.querySelector("#found")!.textContent === "");
        await page.evaluate(() => scrollTo(0, 0));
        await follow(page, page.locator("th.n a"), /sort=name/);
        await page.locator('a[href="entry%2099998.txt"]').click();
        await page.waitForURL(/99998/);
      },
    );
  });

  it("filters thousands of rows, and what is out of sight takes the room it would in sight", async () => {
    using directory = emptyDirectory();
    for (let i = 0; i < 6000; i++) writeFileSync(join(directory.path, `entry ${i}.txt`), "");
    await using other = await startSite({ directory: directory.path });
    await using opened = await open("/", { viewport: { width: 800, height: 600 } }, other.port);
    const { page } = opened;
    const height = (): Promise<number> => page.evaluate(() => document.documentElement.scrollHeight);
    const filterFor = (text: string): Promise<string> =>
      page.evaluate(async (value) => {
        const field = document.querySelector<HTMLInputElement>("#filter")!;
        const found = document.querySelector("#found")!;
        const before = found.textContent;
        field.value = value;
        field.dispatchEvent(new Event("input"));
        if (found.textContent === before)
          await new Promise((resolve) => new MutationObserver(resolve).observe(found, { childList: true }));
        // Two frames after the last rows have come.
        do await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        while (document.querySelector("tbody.late:not([hidden])"));
        for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
        return found.textContent;
      }, text);
    const whole = await height();
    // Some rows of every group.
    assert.equal(await filterFor("q"), "0 of 6,000 shown");
    assert.ok((await height()) <= 600);
    assert.equal(await filterFor("7.txt"), "600 of 6,000 shown");
    const part = (await height()) / whole;
    assert.ok(part > 0.09 && part < 0.12, `${part} of the height for a tenth of the rows`);
    assert.equal(await filterFor(""), "");
    assert.equal(await height(), whole, "as high as it was");
    // Every group is in sight for a while, with one row or two.
    await filterFor("77");
    const short = await height();
    for (let y = 0; y < short; y += 300) {
      await page.evaluate(async (top) => {
        scrollTo(0, top);
        for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
      }, y);
    }
    await page.evaluate(() => scrollTo(0, 0));
    assert.equal(await filterFor(""), "");
    assert.equal(
      await height(),
      whole,
      "as high as it was, although the browser has seen less of each group",
    );
    assert.equal((await namesOn(page)).length, 6000);
    // A search in the page finds what has come: all of it, out of sight as well.
    assert.equal(await page.locator("tbody.late").count(), 0);
    // Nothing of a hidden group can be reached.
    assert.equal(await filterFor("entry 5999"), "1 of 6,000 shown");
    await page.locator("#filter").press("ArrowDown");
    assert.equal(await page.evaluate(() => document.activeElement!.textContent), "entry 5999.txt");
    await page.keyboard.press("ArrowUp");
    assert.equal(await page.evaluate(() => document.activeElement!.id), "filter");
    assert.deepEqual(await namesOn(page), ["entry 5999.txt"]);
    await page.emulateMedia({ media: "print" });
    assert.deepEqual(await namesOn(page), ["entry 5999.txt"]);
    await page.emulateMedia({ media: "screen" });
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  it("seeks in a recording: what is behind is fetched by its range", async (context) => {
    using directory = emptyDirectory();
    // Ten minutes of silence.
    put(directory.path, "long.wav", silence(600));
    put(
      directory.path,
      "index.html",
      '<!DOCTYPE html><title>x</title><video src="long.wav" preload="metadata" muted></video>',
    );
    await using other = await startSite({ directory: directory.path });
    const head = await other.ask("/long.wav", { method: "HEAD" });
    if (head.get("accept-ranges") !== "bytes") return context.skip("no Accept-Ranges is sent");
    await using opened = await open("/", {}, other.port);
    const ranges: string[] = [];
    opened.page.on("request", (request) => {
      const { range } = request.headers();
      if (range !== undefined) ranges.push(range);
    });
    const time = await opened.page.evaluate(async () => {
      const video = document.querySelector("video")!;
      if (video.readyState === 0)
        await new Promise((resolve) => video.addEventListener("loadedmetadata", resolve));
      const sought = new Promise((resolve) => video.addEventListener("seeked", resolve));
      video.currentTime = 590;
      await sought;
      return video.currentTime;
    });
    assert.equal(time, 590);
    assert.ok(
      ranges.some((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1]) > 1_000_000),
      ranges.join(),
    );
  });
});

/** A WAV file: 16 bits, one channel, 44.1 kHz. */
function silence(seconds: number): Buffer {
  const size = seconds * 44_100 * 2;
  const file = Buffer.alloc(44 + size);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + size, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(44_100, 24);
  file.writeUInt32LE(88_200, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(size, 40);
  return file;
}
