// The pictures of the listing in docs/: `npm run screenshots` takes them anew.

import { statSync } from "node:fs";
import { join } from "node:path";
import { startSite } from "../files/running-site.ts";
import { emptyDirectory } from "../files/tree.ts";
import { launch, SKIP_WITHOUT_BROWSER } from "./chromium.ts";
import { fillDemoFolder } from "./demo-folder.ts";

if (SKIP_WITHOUT_BROWSER !== false) {
  console.error(`htbin: no pictures: ${SKIP_WITHOUT_BROWSER}`);
  process.exit(1);
}

const DOCS = join(import.meta.dirname, "../../../docs");

const PICTURES = [
  { name: "listing-light", path: "/", width: 1100, height: 760, colorScheme: "light" },
  { name: "listing-dark", path: "/photos/?view=tiles", width: 1100, height: 760, colorScheme: "dark" },
  { name: "listing-phone", path: "/", width: 390, height: 760, colorScheme: "light" },
] as const;

using folder = emptyDirectory();
fillDemoFolder(folder.path);
await using site = await startSite({ directory: folder.path });
const browser = await launch();
for (const { name, path, width, height, colorScheme } of PICTURES) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(`http://127.0.0.1:${site.port}${path}`);
  await page.waitForLoadState("networkidle");
  const file = join(DOCS, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(`docs/${name}.png: ${Math.round(statSync(file).size / 1024)} KiB`);
  await page.close();
}
await browser.close();
