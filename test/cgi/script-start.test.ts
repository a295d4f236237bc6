import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { startOf } from "../../src/cgi/script-start.ts";
import { put, putScript, temporaryDirectory } from "./temporary-directory.ts";

describe("startOf", { skip: process.platform === "win32" && "#! lines" }, () => {
  it("starts by the extension first: with an absolute path, and the words behind it", (context) => {
    const directory = temporaryDirectory(context);
    const program = putScript(directory, "tool", "#!/bin/sh\n");
    const file = put(directory, "x.t", "#!/bin/other\n");
    assert.deepEqual(startOf(file, { ".t": [program, "-a", "b"] }), {
      kind: "interpreter",
      command: program,
      args: ["-a", "b"],
    });
  });

  it("starts all else by its content, also where the extension names no program", (context) => {
    const directory = temporaryDirectory(context);
    const file = put(directory, "x.cgi", "#!/bin/sh\n");
    assert.deepEqual(startOf(file, { ".cgi": [] }), { kind: "direct" });
    assert.deepEqual(startOf(file, {}), { kind: "direct" });
  });

  it("says what is missing (ERR_CGI_CANNOT_START)", (context) => {
    const directory = temporaryDirectory(context);
    const file = put(directory, "x.t", "no script\n");
    const code = "ERR_CGI_CANNOT_START";
    assert.throws(() => startOf(file, { ".t": ["no-such-program"] }), {
      code,
      message: `${file} cannot be started: there is no program 'no-such-program' in PATH`,
    });
    assert.throws(() => startOf(file, {}), { code, message: /neither a program nor/ });
  });
});
