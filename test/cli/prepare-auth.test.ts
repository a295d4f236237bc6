import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { serve } from "../../src/cli/serve.ts";
import { prepareAuth } from "../../src/cli/prepare-auth.ts";
import { HASHED } from "../files/hashed-passwords.ts";

describe("prepareAuth", () => {
  let folder = "";
  let www = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "htbin-auth-"));
    www = join(folder, "www");
    mkdirSync(www);
    const users = HASHED.map(({ user, hash }) => `${user}:${hash}\n`).join("");
    for (const path of ["users", "www/users", "www/.htpasswd"]) writeFileSync(join(folder, path), users);
    symlinkSync("www/users", join(folder, "link"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("makes the path of a file absolute, and leaves a password as it is", async () => {
    const path = join(folder, "users");
    assert.equal(await prepareAuth({ auth: `@${relative(process.cwd(), path)}` }, www), `@${path}`);
    assert.equal(await prepareAuth({ auth: "ada:secret" }, www), "ada:secret");
    assert.equal(await prepareAuth({}, www), undefined);
  });

  it("refuses a file that would be sent to whoever has signed in, and says what to do", async () => {
    const refused = { code: "ERR_START_PASSWORD_FILE", message: /is in the served folder.*; move it/ };
    await assert.rejects(prepareAuth({ auth: `@${join(www, "users")}` }, www), refused);
    await assert.rejects(prepareAuth({ auth: `@${join(folder, "link")}` }, www), refused);
    await assert.rejects(prepareAuth({ auth: `@${join(www, ".htpasswd")}`, dotfiles: true }, www), refused);
    await assert.rejects(serve({ port: 0, directory: www, auth: `@${join(www, "users")}` }), refused);
  });

  it("says what to do about a file that is not there, is a folder, or holds something else", async () => {
    const code = "ERR_START_PASSWORD_FILE";
    const refuses = (path: string, message: RegExp): Promise<void> =>
      assert.rejects(prepareAuth({ auth: `@${join(folder, path)}` }, www), { code, message });
    await refuses("missing", /^there is no file of passwords .*missing; make it with htpasswd -cB/);
    await refuses("users/below", /^there is no file of passwords .*below; make it/);
    await refuses("www", /www is a folder; name the file/);
    writeFileSync(join(folder, "plain"), "ada:secret\n");
    await refuses("plain", /^cannot use the file of passwords .*plain: line 1 has no hash .*; make it anew/);
  });

  it("takes one that is hidden, beside the folder, or of a class that has a folder of its own", async () => {
    for (const [path, directory] of [
      ["www/.htpasswd", www],
      ["users", www],
      ["www/users", undefined],
    ] as const) {
      const auth = `@${join(folder, path)}`;
      assert.equal(await prepareAuth({ auth }, directory), auth);
    }
  });
});
