import assert from "node:assert/strict";
import { dirname } from "node:path";
import { describe, it } from "node:test";

import { programName, startFacts } from "../../src/cgi/start-facts.ts";
import { putScript, temporaryDirectory } from "./temporary-directory.ts";

const onWindows = process.platform === "win32" && "there are no '#!' lines";

describe("startFacts", { skip: onWindows }, () => {
  it("finds a program of the same name, or of another version, for an interpreter that is not there", (context) => {
    const root = temporaryDirectory(context);
    const snake = putScript(root, "bin/snake3", "#!/bin/sh\n");
    const alternative = (content: string): string | undefined =>
      startFacts(putScript(root, "x", content), undefined, undefined, dirname(snake)).interpreter
        ?.alternative;
    for (const line of ["#!/no/snake3", "#!/no/snake", "#!/no/snake2.7", "#!snake", "#!/usr/bin/env snake"]) {
      assert.equal(alternative(`${line}\n`), snake, line);
    }
    assert.equal(alternative("#!/no/bird\n"), undefined);
    assert.equal(alternative("#!/bin/sh\n"), undefined, "nothing else is needed");
  });
});

describe("programName", () => {
  it("drops the folder, and what Windows adds", () => {
    assert.equal(programName("/usr/bin/perl"), "perl");
    assert.equal(programName("C:\\Perl\\bin\\perl.exe\r"), "perl");
  });
});
