import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { parseCommandLine } from "../../src/cli/options.ts";

/** What people type who come from other servers, and what the answer has to name. */
const TYPED: readonly (readonly [words: readonly string[], answer: RegExp])[] = [
  [["--port", "8080"], /as in htbin 8080\.$/],
  [["--port=8080"], /as in htbin 8080\.$/],
  [["-P", "8080"], /as in htbin 8080\.$/],
  [["-l", "8080"], /--bind\.$/],
  [["-a", "127.0.0.1"], /--bind ADDRESS\.$/],
  [["--root", "public"], /as in htbin public\.$/],
  [["--spa"], /--single\.$/],
  [["--silent"], /--quiet\.$/],
  [["--gzip"], /--no-compress/],
  [["-S"], /no TLS; put a proxy in front/],
  [["--cert=x.pem"], /no TLS; put a proxy in front/],
  [["--username", "a"], /--auth USER:PASSWORD\.$/],
  [["-c", "10"], /--cache SECONDS\.$/],
  [["-c-1"], /--cache SECONDS\.$/],
  [["-V"], /--version\.$/],
  [["-?"], /--help\.$/],
];

describe("options of other servers", () => {
  it("are answered with what does the same here, in one sentence", () => {
    for (const [words, answer] of TYPED) {
      const parsed = parseCommandLine(words);
      assert.equal(parsed.kind, "usage", words.join(" "));
      const { message } = parsed as { message: string };
      assert.match(message, /^there is no option -[^\n]*\.$/);
      assert.match(message, answer, words.join(" "));
    }
  });
});
