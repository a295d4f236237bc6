import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { formatMessage } from "../../src/log/format-message.ts";
import { textOf } from "../text/text-of.ts";

describe("formatMessage", () => {
  const CASES: [what: string, format: string, args: unknown[], text: string][] = [
    ["fills in the line of a request", '"%s" %s %s', ["GET / HTTP/1.1", 200, "-"], '"GET / HTTP/1.1" 200 -'],
    ["takes %d and %i for numbers", "code %d, %i", [404, 5], "code 404, 5"],
    ["puts %r in quotes", "method %r", ["GET"], "method 'GET'"],
    ["writes %% as a percent sign, with arguments and without", "100%% of %s", ["a"], "100% of a"],
    ["writes %% alone", "100%%", [], "100%"],
    ["takes %%s for a percent sign and an s", "%%s%s", ["a"], "%sa"],
    ["leaves what has no argument", "%s and %s", ["a"], "a and %s"],
    ["leaves a format without arguments", "50% of %s", [], "50% of %s"],
    ["leaves unknown directives, and their arguments to the next", "%x %s %", ["a"], "%x a %"],
    ["never reads an argument as a format", "%s %s", ["%s%%%d", "b"], "%s%%%d b"],
    ["leaves arguments that nobody asks for", "a", ["b"], "a"],
    ["puts in the empty string", "[%s]", [""], "[]"],
    ["puts in what is no string", "%s %s %s %s", [undefined, null, true, 5n], "undefined null true 5"],
    ["puts in special patterns of replace() as they are", "%s", ["$& $1 $$"], "$& $1 $$"],
    ["takes directives that follow each other", "%s%s%d", ["a", "b", 1], "ab1"],
    ["gives an empty text for an empty format", "", ["a"], ""],
  ];
  for (const [what, format, args, text] of CASES) {
    it(what, () => {
      assert.equal(formatMessage(format, args), text);
    });
  }

  it("agrees with a slow model", () => {
    const format = textOf("%sdirx a", { maxLength: 12 });
    const args = fc.array(fc.constantFrom("", "%s", "%%", "a", "$&"), { maxLength: 4 });
    fc.assert(
      fc.property(format, args, (format, args) => {
        const left = [...args];
        const expected = format.replace(/%([sdir%])/g, (directive, kind: string) => {
          if (kind === "%") return "%";
          const argument = left.shift();
          if (argument === undefined) return directive;
          return kind === "r" ? `'${argument}'` : argument;
        });
        assert.equal(formatMessage(format, args), expected);
      }),
    );
  });
});
