import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { namedObstacle } from "../../src/cgi/named-obstacle.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const stranger = { name: "nobody", uid: 54321, gids: [54321] };

describe("namedObstacle", { skip: process.platform === "win32" && "modes are those of Unix" }, () => {
  it("finds a file that is there, and that somebody may not reach or read", (context) => {
    const root = temporaryDirectory(context);
    chmodSync(root, 0o755);
    mkdirSync(join(root, "private"));
    const file = join(root, "private", "x.conf");
    writeFileSync(file, "");
    chmodSync(file, 0o644);
    chmodSync(join(root, "private"), 0o700);
    const named = (line: string): unknown => namedObstacle(line, stranger)?.obstacle;
    const lacksPass = { path: join(root, "private"), lacks: "pass" };
    assert.deepEqual(named(`config file ${file} not found!`), lacksPass);
    assert.deepEqual(named(`cannot open '${file}': no such file`), lacksPass);
    assert.deepEqual(named(`see /no/such/file and ${file}.`), lacksPass);

    chmodSync(join(root, "private"), 0o755);
    assert.equal(named(`config file ${file} not found!`), undefined);
    chmodSync(file, 0o600);
    assert.deepEqual(named(`${file}:3: syntax error`), { path: file, lacks: "read" });
    assert.equal(named(`http:/${file} is an address, and x${file} a relative path`), undefined);
    assert.equal(namedObstacle(`${file}: not found`, { name: "root", uid: 0, gids: [0] }), undefined);
    assert.equal(named("no path at all; / is always there"), undefined);
  });
});
