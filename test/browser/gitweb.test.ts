// gitweb in a real browser: its style sheet is applied, its script runs, its links lead on.
/// <reference lib="dom" />

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { GITWEB_FOLDER, gitwebSettings, SKIP_WITHOUT_GITWEB } from "../cgi/gitweb.ts";
import { startSite } from "../cgi/running-site.ts";
import { launch, SKIP_WITHOUT_BROWSER } from "./chromium.ts";

describe("gitweb in Chromium", { skip: SKIP_WITHOUT_BROWSER || SKIP_WITHOUT_GITWEB }, () => {
  it("looks as it should, and leads from the projects to a file", async (t) => {
    const site = await startSite(t, {
      directory: GITWEB_FOLDER,
      cgiInterpreters: { ".cgi": [] },
      cgiEnvironment: gitwebSettings(t),
    });
    const browser = await launch();
    t.after(() => browser.close());
    const page = await browser.newPage();
    const failed: string[] = [];
    page.on("pageerror", (error) => failed.push(String(error)));
    page.on("response", (response) => {
      if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(`${site.url}/`);
    // Of gitweb.css, and of no browser.
    const header = page.locator(".page_header");
    assert.equal(
      await header.evaluate((element) => getComputedStyle(element).backgroundColor),
      "rgb(217, 216, 209)",
    );
    await page.getByRole("link", { name: "demo/.git", exact: true }).click();
    await page.getByRole("link", { name: "tree", exact: true }).first().click();
    await page.getByRole("link", { name: "a file", exact: true }).click();
    await page.getByText("first line").waitFor();
    assert.deepEqual(failed, []);
  });
});
