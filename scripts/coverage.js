// @ts-check
// `npm run coverage -- [filter …]`: the test suite under c8; a table here, pages in coverage/.

import { buildAll, install, runNode, tool } from "./project.js";

install();
buildAll();
// build/test runs three copies of the sources: build/src, dist/ behind "htbin", and the joined one in dist/cli/ that is
// the command. Source maps join them all to src/.
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
