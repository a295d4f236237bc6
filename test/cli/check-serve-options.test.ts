import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { checkServeOptions } from "../../src/cli/check-serve-options.ts";
import type { ServeOptions } from "../../src/cli/serve-options.ts";

describe("checkServeOptions", () => {
  it("finds nothing wrong with no options, undefined ones, and good ones", () => {
    assert.equal(checkServeOptions({}), undefined);
    assert.equal(checkServeOptions({ port: undefined, unix: "/run/s" }), undefined);
    for (const contentType of ["text/plain", "application/vnd.a+json; charset=utf-8", "text/x-a ;b=c"])
      assert.equal(checkServeOptions({ contentType }), undefined);
    assert.equal(
      checkServeOptions({ port: 0, bind: "", directory: ".", protocol: "HTTP/1.0", headers: [["A", "b"]] }),
      undefined,
    );
  });

  it("asks for an object where a port, a folder or nothing at all was passed", () => {
    for (const options of [8000, "public", null, ["public"]])
      assert.match(
        checkServeOptions(options as never) ?? "",
        /^the options have to be an object, such as \{/,
      );
  });

  it("finds what a JavaScript caller may pass", () => {
    for (const [options, problem] of [
      [{ port: "8000" }, /^port has to be a number, such as 8000$/],
      [{ port: null }, /^port has to be a number/],
      [{ port: 1.5 }, /^port 1\.5 is out of range/],
      [{ port: Number.NaN }, /^port NaN is out of range/],
      [{ bind: 1 }, /^bind has to be a text/],
      [{ directory: null }, /^directory has to be a text/],
      [{ directory: "a\0b" }, /^directory holds a NUL/],
      [{ cgi: "yes" }, /^cgi has to be true or false/],
      [{ protocol: 1.1 }, /^protocol 1\.1 is not spoken here/],
      [
        { logFormat: "nginx" },
        /^logFormat "nginx" is no form of a log; choose python, common, combined or json$/,
      ],
      [{ logFile: "" }, /^logFile is empty/],
      [{ contentType: "text" }, /^contentType "text" is no media type; write one such as text\/plain$/],
      [{ contentType: "text/" }, /no media type/],
      [{ contentType: "a b/c" }, /no media type/],
      [{ contentType: "text/html/x" }, /no media type/],
      [{ headers: { A: "b" } }, /^headers has to be a list/],
      [{ headers: [["A"]] }, /^headers has to be a list/],
      [{ headers: ["A: b"] }, /^headers has to be a list/],
      [{ limits: 60 }, /^limits has to be an object/],
      [{ limits: [] }, /^limits has to be an object/],
      [{ cgiLimits: [] }, /^cgiLimits has to be an object/],
      [{ limits: { idleTime: -1 } }, /^limits\.idleTime is -1; it has to be a number from 0 up/],
      [{ limits: { idelTime: 1 } }, /^there is no limit idelTime/],
      [{ prot: 1 }, /^there is no option prot/],
      [{ toString: true }, /^there is no option toString/],
    ] as const) {
      assert.match(checkServeOptions(options as unknown as ServeOptions) ?? "", problem);
    }
  });

  it("names an option as the caller does", () => {
    assert.match(checkServeOptions({ bind: "a:1" }, () => "--bind") ?? "", /^--bind "a:1"/);
  });
});
