import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { escapeHtml } from "../../src/text/html.ts";
import { textOf } from "./text-of.ts";

describe("escapeHtml", () => {
  it("escapes what begins or ends markup and attributes", () => {
    assert.equal(
      escapeHtml(`<script>alert("a" & 'b')</script>`),
      "&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)&lt;/script&gt;",
    );
  });

  it("escapes what is escaped already once more: it is text", () => {
    assert.equal(escapeHtml("&amp;"), "&amp;amp;");
  });

  it("leaves everything else", () => {
    const text = "a/b=`c` \u20ac\u{1f600}\n\0";
    assert.equal(escapeHtml(text), text);
    assert.equal(escapeHtml(""), "");
  });

  it("gives text without markup that reads back as it was", () => {
    const names: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
    fc.assert(
      fc.property(textOf("&<>\"';amplt#39 "), (text) => {
        const html = escapeHtml(text);
        assert.doesNotMatch(html, /[<>"']/);
        assert.equal(
          html.replace(/&([^;]+);/g, (_, name: string) => names[name]!),
          text,
        );
      }),
    );
  });
});
