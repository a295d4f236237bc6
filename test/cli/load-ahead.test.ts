import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";
import { cleanEnvironment } from "../running-program.ts";

const SOURCE = join(import.meta.dirname, "..", "..", "src");

/** Takes all descriptors; then asks for what only some requests need, and for a user, and starts a script's process once there is room. */
const PROGRAM = `
import { closeSync, openSync } from "node:fs";
import { loadAhead } from "${SOURCE}/cli/load-ahead.js";
import { startProcess } from "${SOURCE}/cgi/start-process.js";
import { lookUpUser } from "${SOURCE}/cgi/user.js";
await loadAhead(true);
await lookUpUser("daemon");
const taken = [];
const outcome = (promise) => promise.then(() => "yes", (error) => error.code);
try { for (;;) taken.push(openSync("/dev/null")); } catch {}
console.log("listing", await outcome(import("${SOURCE}/files/listing.js")));
console.log("archive", await outcome(import("${SOURCE}/files/archive.js")));
console.log("known user", await outcome(lookUpUser("daemon")));
console.log("other user", await outcome(lookUpUser("root")));
const start = {
  command: "/bin/true", args: [], environment: new Map(), directory: "/", stdin: "empty", resources: {},
  user: process.getuid() === 0 ? { uid: 65534, gid: 65534 } : undefined,
};
console.log("start", await outcome(startProcess(start)));
for (const descriptor of taken) closeSync(descriptor);
console.log("other user", await outcome(lookUpUser("root")));
console.log("start", await outcome(startProcess(start)));
`;

it("what was loaded ahead is there when no descriptor is left, and all else when there are some again", (context) => {
  if (process.platform === "win32") return context.skip("no ulimit on Windows");
  const { stdout, stderr } = spawnSync(
    "sh",
    ["-c", 'ulimit -n 64; exec "$0" "$@"', process.execPath, "--input-type=module", "--eval", PROGRAM],
    { env: cleanEnvironment(), encoding: "utf8", timeout: 60_000 },
  );
  assert.deepEqual(
    stdout.trim().split("\n"),
    [
      "listing yes",
      "archive yes",
      "known user yes",
      "other user ERR_CGI_BUSY",
      "start EMFILE",
      "other user yes",
      "start yes",
    ],
    stderr,
  );
});
