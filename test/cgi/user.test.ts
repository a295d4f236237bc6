import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { lookUpUser } from "../../src/cgi/user.ts";

const onWindows = process.platform === "win32" && "no such users on Windows";

describe("lookUpUser", { skip: onWindows }, () => {
  it("finds root by its name", async () => {
    assert.deepEqual(await lookUpUser("root"), { name: "root", uid: 0, gid: 0 });
  });

  it("takes numbers as they are", async () => {
    assert.deepEqual(await lookUpUser("65534"), { name: "65534", uid: 65534, gid: 65534 });
    assert.deepEqual(await lookUpUser("1000:33"), { name: "1000:33", uid: 1000, gid: 33 });
  });

  it("says so if there is no such user", async () => {
    for (const name of ["no-such-user-here", "-u", "", "a b", "0x0"]) {
      await assert.rejects(
        lookUpUser(name),
        { code: "ERR_CGI_CANNOT_START", message: /does not exist/ },
        name,
      );
    }
  });
});
