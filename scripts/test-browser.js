// @ts-check
// `npm run test:browser`: install, build, and run the tests that need Chromium. Without it they are skipped and say so.

import { join, relative } from "node:path";
import { buildAll, filesBelow, install, root, runNode } from "./project.js";

install();
buildAll();

const files = filesBelow(join(root, "build", "test", "browser"))
  .filter((path) => path.endsWith(".test.js"))
  .map((path) => relative(root, path));

runNode([
  "--enable-source-maps",
  "--test",
  "--test-reporter=spec",
  "--test-timeout=300000",
  ...process.argv.slice(2),
  ...files,
]);
