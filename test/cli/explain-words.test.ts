import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { parseExplainWords, type Question } from "../../src/cli/explain-words.ts";

function question(...words: string[]): Question {
  const parsed = parseExplainWords(words);
  assert.equal(parsed.kind, "question", words.join(" "));
  return parsed;
}

function complaint(...words: string[]): string {
  const parsed = parseExplainWords(words);
  assert.equal(parsed.kind, "usage", words.join(" "));
  return parsed.kind === "usage" ? parsed.message : "";
}

describe("parseExplainWords", () => {
  it("takes the first word as the URL, and the others for the server", () => {
    assert.deepEqual(question("/cgi-bin/x?y=1", "--cgi", "/srv/www"), {
      kind: "question",
      method: "GET",
      target: "/cgi-bin/x?y=1",
      host: undefined,
      isRun: false,
      dataFile: undefined,
      serverWords: ["--cgi", "/srv/www"],
    });
  });

  it("takes its own options before and behind the URL", () => {
    const expected = { method: "PUT", isRun: true, dataFile: "form.txt", serverWords: ["--cgi"] };
    for (const words of [
      ["--run", "-X", "PUT", "--data", "form.txt", "/x", "--cgi"],
      ["/x", "--cgi", "--data=form.txt", "--run", "--request=PUT"],
    ]) {
      const { method, isRun, dataFile, serverWords } = question(...words);
      assert.deepEqual({ method, isRun, dataFile, serverWords }, expected);
    }
    assert.equal(question("--data", "f", "/x").method, "POST");
  });

  it("takes a full URL apart, without its fragment, and spells it as it goes over the wire", () => {
    const { target, host } = question("https://example.org:81/a b/ü?q=%20#top");
    assert.deepEqual([target, host], ["/a%20b/%C3%BC?q=%20", "example.org:81"]);
    assert.equal(question("http://example.org").target, "/");
    assert.equal(question("http://example.org?q").target, "/?q");
  });

  it("answers in one sentence what it cannot take, and says where the folder of this name is", () => {
    assert.match(complaint(), /needs a URL, as in htbin explain \/cgi-bin/);
    assert.match(complaint("8000"), /8000 is no URL; .*\.\/explain\.$/);
    assert.match(complaint("--cgi", "/x"), /--cgi is no URL; give that first, and options/);
    assert.match(complaint("cgi-bin/x"), /is no URL; write \/cgi-bin\/x\.$/);
    assert.match(complaint("./cgi-bin/x"), /is no URL; write \/cgi-bin\/x\.$/);
    assert.match(complaint("localhost:8000/x"), /is no URL; write http:\/\/localhost:8000\/x\.$/);
    assert.match(complaint("/x", "-X"), /-X needs a value/);
    assert.match(complaint("/x", "-X", "get"), /write it in capitals/);
    assert.equal(parseExplainWords(["--help"]).kind, "help");
  });
});
