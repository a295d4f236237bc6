import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { entityTagList, isStrong, strongEqual, weakEqual } from "../../src/text/entity-tag.ts";

// The examples of RFC 9110 §8.8.3.2, table 3.
const COMPARISONS: readonly (readonly [a: string, b: string, strong: boolean, weak: boolean])[] = [
  ['W/"1"', 'W/"1"', false, true],
  ['W/"1"', 'W/"2"', false, false],
  ['W/"1"', '"1"', false, true],
  ['"1"', '"1"', true, true],
  ['"1"', '"2"', false, false],
];

describe("entity tags", () => {
  for (const [a, b, strong, weak] of COMPARISONS) {
    it(`compares ${a} and ${b} as the table of RFC 9110 §8.8.3.2 does`, () => {
      assert.deepEqual([strongEqual(a, b), strongEqual(b, a)], [strong, strong]);
      assert.deepEqual([weakEqual(a, b), weakEqual(b, a)], [weak, weak]);
    });
  }

  it("knows that W is a capital: `w/` marks nothing (RFC 9110 §8.8.3)", () => {
    assert.ok(!isStrong('W/"a"'));
    assert.ok(isStrong('"W/a"'));
    assert.equal(entityTagList('w/"a"'), undefined);
  });
});

describe("entityTagList", () => {
  const LISTS: readonly (readonly [value: string, tags: readonly string[]])[] = [
    ['"a"', ['"a"']],
    ['""', ['""']],
    ['W/""', ['W/""']],
    ['"a","b"', ['"a"', '"b"']],
    ['"a" , W/"b"\t,\t"c"', ['"a"', 'W/"b"', '"c"']],
    ['"a,b", "c"', ['"a,b"', '"c"']],
    ['"a\\", "b"', ['"a\\"', '"b"']], // there are no escapes in it
    ['"\xe4\xff!#~"', ['"\xe4\xff!#~"']],
    [', "a",, ,"b",', ['"a"', '"b"']],
    ["", []],
    [" , ,", []],
  ];
  for (const [value, tags] of LISTS) {
    it(`reads ${JSON.stringify(value)}`, () => assert.deepEqual(entityTagList(value), tags));
  }

  for (const value of [
    "a",
    '"a',
    'a"',
    "'a'",
    '"a" "b"',
    '"a""b"',
    '"a b"',
    'W"a"',
    'W/ "a"',
    '*, "a"',
    '"a\x7f"',
    '"a";q=1',
  ]) {
    it(`does not take ${JSON.stringify(value)} for a list of tags`, () =>
      assert.equal(entityTagList(value), undefined));
  }

  const tag = fc
    .tuple(fc.boolean(), fc.string({ unit: fc.constantFrom(...Array.from("!#$,*/W~aZ09\xe4")) }))
    .map(([isWeak, text]) => `${isWeak ? "W/" : ""}"${text}"`);
  const gap = fc.stringMatching(/^[ \t]{0,3}(?:,[ \t]{0,2}){1,3}$/);

  it("gives back what was put together, whole, on several lines, and nothing with junk behind", () => {
    fc.assert(
      fc.property(fc.array(tag, { minLength: 1 }), gap, (tags, between) => {
        assert.deepEqual(entityTagList(tags.join(between)), tags);
        // Several field lines are one value, joined by a comma and a blank (RFC 9110 §5.3).
        assert.deepEqual(entityTagList(tags.map((one) => `${one} ,`).join(", ")), tags);
        for (const junk of ["x", '"', ' "b', ";q=1", "*", "\0"]) {
          assert.equal(entityTagList(tags.join(between) + junk), undefined, junk);
        }
      }),
    );
  });

  it("reads or refuses whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('W/"",, \ta*')) }), (value) => {
        const tags = entityTagList(value);
        if (tags !== undefined) assert.equal(value.replace(/[ \t,]/g, ""), tags.join("").replaceAll(",", ""));
      }),
    );
  });
});
