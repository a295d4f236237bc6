// @ts-check
// `npm test -- [filter …] [node options]`: install, build, run the compiled tests.
// A filter is a part of a test's path (`http1`, `test/files/byte-range.test.ts`); an option goes to node (`--test-only`).

import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { buildAll, filesBelow, install, root, runNode } from "./project.js";

install();
buildAll();

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith("-"));
const filters = args.filter((arg) => !arg.startsWith("-")).map((arg) => arg.replace(/\.[jt]s$/, ""));

// Node 20 does not expand patterns after --test, later ones do: name the files.
const files = filesBelow(join(root, "build", "test"))
  .filter((path) => path.endsWith(".test.js"))
  .map((path) => relative(root, path))
  // `npm run test:browser` has those: they need Chromium, and a minute.
  .filter((path) => !path.startsWith(join("build", "test", "browser")))
  .filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)));

if (files.length === 0) {
  console.error(`htbin: no test file matches ${filters.join(" ")}`);
  process.exit(1);
}

runNode([
  "--enable-source-maps",
  "--test",
  "--test-reporter=spec",
  `--test-concurrency=${availableParallelism()}`,
  // A test that hangs must fail by itself, with its name, and not when somebody loses patience.
  "--test-timeout=300000",
  ...options,
  ...files,
]);
