// A real browser for tests: Chromium as it is installed, driven by Playwright.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function findOnPath(): string | undefined {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const file = join(directory, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

const executablePath = findOnPath();

/** Why tests in a browser cannot run here; `false` where they can. */
export const SKIP_WITHOUT_BROWSER: string | false =
  executablePath === undefined ? `none of ${NAMES.join(", ")} is on PATH` : false;

export function launch(): Promise<Browser> {
  // Its own sandbox does not work for root, who runs tests in containers. It opens nothing but our own pages.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: executablePath!, args });
}

/** What axe finds wrong with a page, a line for each: nothing, if all is well. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{
    violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
  }>("axe.run(document, { resultTypes: ['violations'] })");
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html} ${node.failureSummary ?? ""}`),
  );
}
