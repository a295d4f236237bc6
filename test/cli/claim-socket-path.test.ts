import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { claimSocketPath } from "../../src/cli/claim-socket-path.ts";

describe(
  "claimSocketPath",
  { skip: process.platform === "win32" && "Windows has named pipes instead" },
  () => {
    let folder = "";
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "htbin-cli-"));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    it("is content with a path where nothing is", async () => {
      await claimSocketPath(join(folder, "free"));
    });

    it("removes the socket of a server that was killed", async () => {
      const path = join(folder, "dead");
      const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => console.log("ready"))`;
      const server = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
      await once(server.stdout, "data");
      server.kill("SIGKILL");
      await once(server, "exit");
      assert.ok(existsSync(path), "a dead server leaves its socket");
      await claimSocketPath(path);
      assert.ok(!existsSync(path));
    });

    it("leaves the socket of a living server alone", async () => {
      const path = join(folder, "alive");
      const server = createServer().listen(path);
      await once(server, "listening");
      await assert.rejects(claimSocketPath(path), { code: "ERR_START_SOCKET_IN_USE" });
      assert.ok(existsSync(path));
      server.close();
    });

    it("leaves everything alone that is no socket", async () => {
      const file = join(folder, "file");
      const link = join(folder, "link");
      await writeFile(file, "precious");
      await symlink(file, link);
      for (const path of [file, link, folder]) {
        await assert.rejects(claimSocketPath(path), { code: "ERR_START_SOCKET_TAKEN" });
        assert.ok(existsSync(path));
      }
    });

    it("refuses a path that the system would cut off", async () => {
      await assert.rejects(claimSocketPath(join(folder, "x".repeat(108))), {
        code: "ERR_START_SOCKET_TOO_LONG",
      });
      await assert.rejects(claimSocketPath(`/${"ä".repeat(60)}`), {
        code: "ERR_START_SOCKET_TOO_LONG",
        message: /has 121 bytes/,
      });
    });

    it("names the folder that is missing", async () => {
      for (const path of [join(folder, "no", "socket"), join(folder, "file", "socket")]) {
        await assert.rejects(claimSocketPath(path), {
          code: "ERR_START_SOCKET_FOLDER",
          message: /^there is no folder .* for the socket; create it/,
        });
      }
    });
  },
);
