// The options of htbin/files and htbin/cgi: each is a field of the handler, and works; another one is refused.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { cgiFetch, cgiListener } from "htbin/cgi";
import { type FilesOptions, filesFetch, filesListener } from "htbin/files";
import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";

const log = { write: (): void => {} };

describe("the options of htbin/files", () => {
  it("are those of the handler: each does what it does there", async (t) => {
    const directory = temporaryDirectory(t);
    put(directory, "a.txt", "text ".repeat(500));
    put(directory, "app.html", "<p>app");
    put(directory, "sub/b", "b");
    const ask = (options: FilesOptions, path: string, headers = {}): Promise<Response> =>
      filesFetch({ directory, log, ...options })(new Request(`http://a${path}`, { headers }));

    assert.equal((await ask({ maxAge: 60 }, "/a.txt")).headers.get("cache-control"), "max-age=60");
    assert.equal((await ask({ cors: true }, "/a.txt")).headers.get("access-control-allow-origin"), "*");
    assert.equal((await ask({ auth: "ada:secret" }, "/a.txt")).status, 401);
    assert.equal((await ask({ base: "/docs" }, "/docs/a.txt")).status, 200);
    assert.equal((await ask({ listing: false }, "/sub/")).status, 404);
    const page = await ask({ single: "app.html" }, "/users/7", { Accept: "text/html" });
    assert.equal(await page.text(), "<p>app");
    assert.doesNotMatch(await (await ask({ archives: false }, "/sub/")).text(), /archive=/);
    for (const [compress, coding] of [
      [true, "br"],
      [false, null],
    ] as const) {
      const answer = await ask({ compress, cacheMemory: 0 }, "/a.txt", { "Accept-Encoding": "br" });
      assert.equal(answer.headers.get("content-encoding"), coding);
      await answer.arrayBuffer();
    }
  });

  it("that are misspelt or no path are refused at once: else the current folder would be served", () => {
    for (const make of [filesListener, filesFetch, cgiListener, cgiFetch] as ((
      options: object,
    ) => unknown)[]) {
      assert.throws(
        () => make({ directoy: "site" }),
        /^TypeError: there is no option directoy; there are .*directory/,
      );
      const takesFiles = make === cgiListener || make === cgiFetch;
      const named = takesFiles ? /, files, handlerClass, log$/ : /[^s], handlerClass, log$/;
      assert.throws(() => make({ directoy: "site" }), named);
      assert.throws(() => make({ directory: 5 }), /^TypeError: directory has to be a text$/);
      assert.ok(make({ directory: undefined, log, handlerClass: undefined }));
    }
  });
});

it("htbin/cgi takes mounts, interpreters and variables as the handler does", async (t) => {
  const directory = temporaryDirectory(t);
  const print = '#!/bin/sh\nprintf \'Content-Type: text/plain\\n\\n%s %s\' "$SCRIPT_NAME" "$COLOUR"\n';
  const program = putScript(directory, "program", print);
  put(directory, "page.own", print);
  const run = cgiFetch({
    directory,
    log,
    cgiMounts: { "/tool": { program } },
    cgiInterpreters: { ".own": ["/bin/sh"] },
    cgiEnvironment: { COLOUR: "blue" },
  });
  for (const path of ["/tool", "/page.own"])
    assert.equal(await (await run(new Request(`http://a${path}`))).text(), `${path} blue`);
});
