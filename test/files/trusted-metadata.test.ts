import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { describe, it } from "node:test";
import { hasTrustedMetadata } from "../../src/files/trusted-metadata.ts";

const SKIP = process.platform === "linux" ? false : "only Linux numbers its file systems so";

describe("hasTrustedMetadata", () => {
  it(
    "trusts a file system in memory",
    { skip: SKIP || (existsSync("/dev/shm") ? false : "no /dev/shm") },
    () => {
      assert.equal(hasTrustedMetadata("/dev/shm", statSync("/dev/shm").dev), true);
    },
  );

  it("trusts none that is unknown, such as /proc", { skip: SKIP }, () => {
    assert.equal(hasTrustedMetadata("/proc/self", statSync("/proc/self").dev), false);
  });

  it("trusts none that cannot be asked", { skip: SKIP }, () => {
    assert.equal(hasTrustedMetadata("/nowhere/at/all", -1), false);
  });
});
