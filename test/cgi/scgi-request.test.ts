import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";

import { makeSCGIRequest } from "../../src/cgi/scgi-request.ts";
import { netstringOf } from "./fake-application.ts";

describe("makeSCGIRequest", () => {
  it("is the example of the specification", () => {
    const variables = new Map([
      ["REQUEST_METHOD", "POST"],
      ["CONTENT_LENGTH", "27"],
      ["REQUEST_URI", "/deepthought"],
    ]);
    assert.equal(
      makeSCGIRequest(variables).toString(),
      "70:CONTENT_LENGTH\u000027\u0000SCGI\u00001\u0000REQUEST_METHOD\u0000POST\u0000REQUEST_URI\u0000/deepthought\u0000,",
    );
  });

  it("puts CONTENT_LENGTH first, also where there is no body", () => {
    assert.match(
      makeSCGIRequest(new Map([["A", "b"]])).toString(),
      /^\d+:CONTENT_LENGTH\u00000\u0000SCGI\u00001\u0000A\u0000b\u0000,$/,
    );
  });

  it("counts bytes, and is read back the same whatever stands behind it", () => {
    const word = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.dictionary(word, word), fc.uint8Array(), (variables, behind) => {
        const request = makeSCGIRequest(new Map(Object.entries(variables)));
        const read = netstringOf(Buffer.concat([request, behind]));
        assert.equal(read?.next, request.length);
        for (let length = 0; length < request.length; length += 7) {
          assert.equal(netstringOf(request.subarray(0, length)), undefined);
        }
        for (const [name, value] of Object.entries(variables)) {
          if (name !== "SCGI") assert.equal(read.variables[name], value);
        }
      }),
    );
  });
});
