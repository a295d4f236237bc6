import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";

const MODULE = join(import.meta.dirname, "..", "..", "src", "log", "server-log.js");

describe("logAboutServer", () => {
  it("writes one line in the form of the access log, without a client", async () => {
    const program = `import { logAboutServer } from ${JSON.stringify(MODULE)}; logAboutServer("a\\nb");`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      "--input-type=module",
      "-e",
      program,
    ]);
    assert.equal(stdout, "");
    assert.match(stderr, /^- - - \[\d\d\/\w{3}\/\d{4} \d\d:\d\d:\d\d\] a\\x0ab\n$/);
  });
});
