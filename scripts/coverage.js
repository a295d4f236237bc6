// @ts-check
// `npm run coverage -- [filter …]`: the test suite under c8; a table here, pages in coverage/.

import { buildAll, install, runNode, tool } from "./project.js";

install();
buildAll();
// build/test runs two copies of the sources: build/src, and dist/ behind "htbin". Source maps join both to src/.
runNode([
  tool("c8", "c8"),
  "--all",
  "--src=src",
  "--include=src/**",
  "--exclude-after-remap",
  "--reporter=text",
  "--reporter=html",
  "--reporter=lcov",
  process.execPath,
  "scripts/test.js",
  ...process.argv.slice(2),
]);
