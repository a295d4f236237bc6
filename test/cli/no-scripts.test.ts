// What the banner says where --cgi finds nothing to run.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";
import { startHtbin } from "./htbin-process.ts";

const NOTE = /^There is no cgi-bin\/ or htbin\/ in it: /m;

describe("htbin --cgi in a folder without scripts", () => {
  it("says so, unless the scripts are somewhere else", async (context) => {
    const root = temporaryDirectory(context);
    const said = async (...words: string[]): Promise<string> => {
      await using server = await startHtbin(["0", "-b", "127.0.0.1", "--cgi", "-d", root, ...words]);
      // The last line of the banner.
      await server.says("stdout", /^CGI scripts run as/m);
      return server.stdout;
    };
    assert.match(await said(), NOTE);
    assert.doesNotMatch(await said("--cgi-interpreter", ".cgi="), NOTE);
    putScript(root, "htbin/x", "#!/bin/sh\n");
    assert.doesNotMatch(await said(), NOTE);
  });
});
