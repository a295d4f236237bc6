import assert from "node:assert/strict";
import { chmodSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";

import { firstObstacle, type Principal, type WayStep, wayTo } from "../../src/cgi/access-way.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

const nobody: Principal = { name: "nobody", uid: 65534, gids: [65534] };
const root: Principal = { name: "root", uid: 0, gids: [0] };

function step(path: string, mode: number, uid = 1000, gid = 1000): WayStep {
  return { path, mode, uid, gid };
}

describe("firstObstacle", () => {
  it("names the first directory that somebody may not pass", () => {
    const way = [
      step("/", 0o755, 0, 0),
      step("/home", 0o755),
      step("/home/me", 0o700),
      step("/home/me/x", 0o755),
    ];
    assert.deepEqual(firstObstacle(way, nobody, ["execute"]), { path: "/home/me", lacks: "pass" });
    assert.equal(firstObstacle(way, { name: "me", uid: 1000, gids: [] }, ["execute"]), undefined);
  });

  it("names the file when the way is free, and what it lacks in the order of the question", () => {
    const way = [step("/", 0o755), step("/x", 0o640)];
    assert.deepEqual(firstObstacle(way, nobody, ["execute", "read"]), { path: "/x", lacks: "execute" });
    assert.deepEqual(firstObstacle(way, nobody, ["read"]), { path: "/x", lacks: "read" });
  });

  it("takes the first class that fits, also where a later one would allow more", () => {
    const way = [step("/", 0o755), step("/x", 0o077)];
    assert.equal(firstObstacle(way, { name: "me", uid: 1000, gids: [1000] }, ["read"])?.lacks, "read");
    assert.equal(firstObstacle(way, { name: "other", uid: 5, gids: [1000] }, ["read"]), undefined);
    assert.equal(
      firstObstacle([step("/", 0o755), step("/x", 0o707)], { name: "g", uid: 5, gids: [1000] }, ["read"])
        ?.lacks,
      "read",
    );
  });

  it("lets root pass and read everything, and run what has any x bit", () => {
    assert.equal(firstObstacle([step("/", 0o000), step("/x", 0o001)], root, ["execute", "read"]), undefined);
    assert.equal(firstObstacle([step("/", 0o000), step("/x", 0o666)], root, ["execute"])?.path, "/x");
  });

  it("knows nothing against a way that it cannot see", () => {
    assert.equal(firstObstacle([], nobody, ["execute"]), undefined);
  });
});

describe("wayTo", { skip: process.platform === "win32" && "no modes" }, () => {
  it("goes from the root down, through what links really lead to", (context) => {
    const directory = temporaryDirectory(context);
    const file = put(directory, "real/x", "");
    chmodSync(dirname(file), 0o711);
    symlinkSync(join(directory, "real"), join(directory, "link"));
    const way = wayTo(join(directory, "link", "x"));
    assert.equal(way[0]?.path, "/");
    assert.deepEqual(
      way.slice(-2).map((each) => [each.path, each.mode & 0o777]),
      [
        [dirname(file), 0o711],
        [file, 0o644],
      ],
    );
    assert.deepEqual(wayTo(join(directory, "nothing")), []);
  });
});
