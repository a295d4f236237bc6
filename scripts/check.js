// @ts-check
// `npm run check`: everything that must hold before a commit, except the tests. One line per part; a part that fails
// shows what it said. Each part is a separate process, and as many run at a time as there are cores.

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { buildAll, install, root, tool } from "./project.js";

/** @typedef {{ name: string, args: string[] }} Part */

/** @type {Part[]} the longest first */
const parts = [
  { name: "api report", args: [tool("@microsoft/api-extractor", "api-extractor"), "run"] },
  // The profile says: ESM only, so CommonJS resolution is not asked for.
  {
    name: "types of the package",
    args: [tool("@arethetypeswrong/cli", "attw"), "--pack", ".", "--profile", "esm-only"],
  },
  { name: "unused code", args: [tool("knip", "knip"), "--no-progress"] },
  { name: "lint", args: [tool("oxlint", "oxlint")] },
  { name: "format", args: [tool("oxfmt", "oxfmt"), "--check"] },
  { name: "width of comments", args: [join(root, "scripts", "comment-width.js")] },
  { name: "package", args: [tool("publint", "publint"), "--strict"] },
  { name: "types of the scripts", args: [tool("typescript", "tsc"), "-p", "scripts"] },
];

install();
// The types of sources, tests, examples, bench, fuzzer and soak are checked by building them, which stops here if they are wrong.
const began = Date.now();
buildAll();
report("types", true, began);

const waiting = [...parts];
await Promise.all(Array.from({ length: availableParallelism() }, worker));

async function worker() {
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    const began = Date.now();
    const { passed, output } = await run(part);
    report(part.name, passed, began);
    if (!passed) {
      console.log(output.trimEnd());
      process.exitCode = 1;
    }
  }
}

/** @param {string} name @param {boolean} passed @param {number} began */
function report(name, passed, began) {
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${passed ? "ok    " : "FAILED"} ${seconds.padStart(5)} s  ${name}`);
}

/** @param {Part} part @returns {Promise<{ passed: boolean, output: string }>} */
function run(part) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, part.args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("close", (code) => resolve({ passed: code === 0, output }));
  });
}
