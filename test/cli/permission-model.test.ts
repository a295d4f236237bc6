// What works under Node's permission model, and what has to be allowed for it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";
import { put } from "../files/tree.ts";
import { cleanEnvironment } from "../running-program.ts";

const project = join(import.meta.dirname, "..", "..", "..");
const skip = process.platform === "win32" && "the scripts of this test are for Unix";
const FLAG = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";
/** Since Node 25 the network has to be allowed as well. */
const NET = process.allowedNodeEnvironmentFlags.has("--allow-net") ? ["--allow-net"] : [];

const PROGRAM = `
import { CGIHTTPRequestHandler, ThreadingHTTPServer } from "${join(project, "build/src/index.js")}";
class Handler extends CGIHTTPRequestHandler { directory = process.cwd(); }
const server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
await server.listen();
void server.serveForever();
const answers = [];
for (const path of ["/a.txt", "/folder/", "/out", "/cgi-bin/x"]) {
  const response = await fetch(\`http://127.0.0.1:\${server.serverPort}\${path}\`);
  const body = await response.text();
  answers.push(path + " " + response.status + (body.length < 9 ? " " + body : ""));
}
await server.shutdown();
console.log(answers.join("\\n"));
`;

function answersWith(context: TestContext, allowed: readonly string[]): { answers: string[]; log: string } {
  const folder = temporaryDirectory(context);
  put(folder, "a.txt", "text");
  put(folder, "program.mjs", PROGRAM);
  mkdirSync(join(folder, "folder"));
  putScript(folder, "cgi-bin/x", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nrun'\n");
  const reads = [folder, project].map((path) => `--allow-fs-read=${path}/*`);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--no-warnings", FLAG, ...NET, ...reads, ...allowed, join(folder, "program.mjs")],
    { cwd: folder, env: cleanEnvironment(), encoding: "utf8", timeout: 60_000 },
  );
  assert.equal(status, 0, stderr);
  return { answers: stdout.trim().split("\n"), log: stderr };
}

describe("node --permission", { skip }, () => {
  it("serves a folder with nothing allowed but to read it and htbin", (context) => {
    const { answers } = answersWith(context, []);
    assert.deepEqual(answers.slice(0, 3), ["/a.txt 200 text", "/folder/ 200", "/out 404"]);
  });

  it("has no stack trace in the log where a script's interpreter may not be looked at", (context) => {
    const { answers, log } = answersWith(context, []);
    assert.match(answers[3]!, /^\/cgi-bin\/x [45]\d\d$/);
    assert.doesNotMatch(log, / {4}at /);
  });

  it("says in the log what a script lacks", (context) => {
    const { answers, log } = answersWith(context, ["--allow-fs-read=*"]);
    assert.equal(answers[3], "/cgi-bin/x 500");
    assert.match(log, /Node's permission model does not allow .*--allow-child-process/s);
  });

  it("runs scripts with --allow-child-process, also as another user", (context) => {
    const { answers } = answersWith(context, ["--allow-fs-read=*", "--allow-child-process"]);
    assert.equal(answers[3], "/cgi-bin/x 200 run");
  });
});
