import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LOG_FORMATS } from "../../src/log/log-format.ts";
import { noticeEntry } from "../../src/log/notice-entry.ts";

describe("noticeEntry", () => {
  it("is one line in the form of the access log, without a client", () => {
    assert.match(noticeEntry("python", "a\nb"), /^- - - \[\d\d\/\w{3}\/\d{4} \d\d:\d\d:\d\d\] a\\x0ab\n$/);
    assert.match(noticeEntry("common", "a b"), /^- - - \[.* [+-]\d{4}\] a b\n$/);
    assert.equal((JSON.parse(noticeEntry("json", "a\nb")) as { message: string }).message, "a\nb");
    for (const format of LOG_FORMATS) assert.match(noticeEntry(format, "a\nb"), /^[^\n]+\n$/);
  });
});
