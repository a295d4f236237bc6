// @ts-check
// `npm run fresh -- [--seconds 60] [--seed N]`: build, then change files at random between requests and compare every byte
// (test/files/never-stale.test.ts).

import { parseArgs } from "node:util";
import { buildAll, install, runNode } from "./project.js";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
});
process.env["HTBIN_FRESH_SECONDS"] = values.seconds;
if (values.seed !== undefined) process.env["HTBIN_FRESH_SEED"] = values.seed;
install();
buildAll();
runNode(["--enable-source-maps", "build/test/files/never-stale.test.js"]);
