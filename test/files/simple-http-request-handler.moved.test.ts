// A folder that is renamed, moved or removed between the head of its listing and its entries.

import assert from "node:assert/strict";
import { renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { RawClient } from "../raw-client.ts";
import { type HandlerClass, openFilesBelow, startSite, until } from "./running-site.ts";
import { emptyDirectory, put, SECRET } from "./tree.ts";

const SKIP = process.platform !== "linux" && "only Linux reaches entries through a descriptor";

/** A handler that does something when the head has just been made, and nothing of the body. */
function afterHead(act: () => void): HandlerClass {
  return class extends SimpleHTTPRequestHandler {
    override endHeaders(): void {
      super.endHeaders();
      act();
    }
  };
}

describe("a listing whose folder goes away after its head has been sent", { skip: SKIP }, () => {
  for (const [type, pattern] of [
    ["text/html", /here\.txt.*<\/html>\n$/s],
    ["application/json", /"here\.txt".*"count":1,"size":4\}\n$/s],
    ["text/plain", /here\.txt\n$/],
  ] as const) {
    for (const followSymlinks of [false, true]) {
      it(`is that of the folder that was there: ${type}, links out of it ${followSymlinks}`, async () => {
        using place = emptyDirectory();
        const root = join(place.path, "root");
        put(root, "sub/here.txt", "here");
        put(place.path, "outside/secret.txt", SECRET);
        const swap = (): void => {
          renameSync(join(root, "sub"), join(place.path, "moved"));
          symlinkSync("../outside", join(root, "sub"));
        };
        await using site = await startSite({ directory: root, followSymlinks }, afterHead(swap));
        const answer = await site.ask("/sub/", { fields: { Accept: type } });
        assert.match(answer.text, pattern);
        assert.doesNotMatch(answer.text, /secret/);
        await until(() => openFilesBelow(place.path) === 0, "the folder is closed");
      });
    }
  }

  it("is empty when it has been removed", async () => {
    using root = emptyDirectory();
    put(root.path, "sub/here.txt", "here");
    const remove = (): void => rmSync(join(root.path, "sub"), { recursive: true });
    await using site = await startSite({ directory: root.path }, afterHead(remove));
    assert.match((await site.ask("/sub/")).text, /This folder is empty/);
  });
});

describe("the folder of a listing", () => {
  it("is not left open by HEAD, nor when an override throws instead of sending the head", async () => {
    using root = emptyDirectory();
    put(root.path, "sub/here.txt", "here");
    await using site = await startSite({ directory: root.path });
    assert.equal((await site.ask("/sub/", { method: "HEAD" })).status, 200);
    const fail = (): void => {
      throw new Error("no head");
    };
    await using broken = await startSite({ directory: root.path }, afterHead(fail));
    await broken.ask("/sub/").catch(() => {});
    await until(() => broken.log.some((line) => line.includes("no head")), "the error is logged");
    await until(() => openFilesBelow(root.path) <= 0, "the folder is closed");
  });

  it("is not left open by a client that goes", async () => {
    using root = emptyDirectory();
    for (let i = 0; i < 2000; i++) put(root.path, `sub/${i}`, "");
    await using site = await startSite({ directory: root.path });
    for (let i = 0; i < 10; i++) {
      using client = await RawClient.connect(site.port);
      client.send("GET /sub/ HTTP/1.1\r\nHost: x\r\n\r\n");
      await client.until(() => client.received > i * 1000, "some of it");
      client.reset();
    }
    await until(() => openFilesBelow(root.path) <= 0, "the folder is closed");
  });
});
