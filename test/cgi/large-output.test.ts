// Megabytes from a script to a client that is slower than it: pieces are lent from reading to writing, and no byte may change on the way.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { get, parseResponse, type Site, startSite } from "./running-site.ts";

const LINES = 2_000_000;
const OUTPUT = Array.from({ length: LINES }, (_, i) => `${i + 1}\n`).join("");

/** Reads in bursts, so that the server has to wait again and again. */
async function readSlowly(site: Site, request: string): Promise<string> {
  const { socket, received, closed } = site.connect();
  let isClosed = false;
  void closed.then(() => (isClosed = true));
  socket.on("data", () => socket.pause());
  socket.write(request);
  while (!isClosed) {
    await delay(received().length === 0 ? 50 : 1);
    socket.resume();
  }
  return received();
}

function digest(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}

describe("megabytes of output", () => {
  const cases = [
    ["in chunks", `printf 'Content-Type: a/b\\n\\n'`, OUTPUT.length],
    ["with its length", `printf 'Content-Type: a/b\\nContent-Length: ${OUTPUT.length}\\n\\n'`, OUTPUT.length],
    [
      "beyond its length, which is cut off",
      `printf 'Content-Type: a/b\\nContent-Length: 9000001\\n\\n'`,
      9_000_001,
    ],
    ["behind a pause", `printf 'Content-Type: a/b\\n\\n'; sleep 0.2`, OUTPUT.length],
  ] as const;
  for (const [how, head, size] of cases) {
    it(`reach a slow client unchanged: ${how}`, async (t) => {
      const site = await startSite(t);
      site.script("x", `#!/bin/sh\n${head}\nexec seq 1 ${LINES}\n`);
      const answer = parseResponse(await readSlowly(site, get("/cgi-bin/x")));
      assert.equal(answer.body.length, size);
      assert.equal(digest(answer.body), digest(OUTPUT.slice(0, size)));
    });
  }

  it("reach a slow client unchanged: from a script that writes its own head (NPH)", async (t) => {
    const site = await startSite(t);
    site.script("nph-x", `#!/bin/sh\nprintf 'HTTP/1.1 200 OK\\r\\n\\r\\n'\nexec seq 1 ${LINES}\n`);
    const answer = parseResponse(await readSlowly(site, get("/cgi-bin/nph-x")));
    assert.equal(digest(answer.body), digest(OUTPUT));
  });

  it("reach several clients at once, each its own", async (t) => {
    const site = await startSite(t);
    site.script(
      "x",
      '#!/bin/sh\nprintf "Content-Type: a/b\\n\\n"\nexec seq -f "$QUERY_STRING%.0f" 1 500000\n',
    );
    const letters = ["a", "b", "c", "d"];
    const answers = await Promise.all(letters.map((letter) => readSlowly(site, get(`/cgi-bin/x?${letter}`))));
    for (const [i, letter] of letters.entries()) {
      const expected = Array.from({ length: 500_000 }, (_, line) => `${letter}${line + 1}\n`).join("");
      assert.equal(digest(parseResponse(answers[i]!).body), digest(expected));
    }
  });

  it("on stderr are all logged, line by line, and unchanged", async (t) => {
    const site = await startSite(t);
    site.script("x", "#!/bin/sh\nseq -f 'line %.0f' 1 30000 >&2\nprintf 'Content-Type: a/b\\n\\nfine'\n");
    assert.equal(parseResponse(await site.exchange(get("/cgi-bin/x"))).body, "fine");
    const lines = site.logged
      .filter((line) => line.includes(": line "))
      .map((line) => line.replace(/.*: /, ""));
    assert.deepEqual(
      lines,
      Array.from({ length: 30_000 }, (_, i) => `line ${i + 1}`),
    );
  });
});
