import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { DirectoryEntry } from "../../src/files/directory-entry.ts";
import { type Column, COLUMNS, sortEntries } from "../../src/files/entry-order.ts";
import { EntryTable } from "../../src/files/entry-table.ts";

/** Names that are alike, of any characters, halves of surrogate pairs included: those stand for bytes that are no UTF-8. */
const name = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "B", "b", "0", "1", "9", "12", ".", "-", "ß", "É"), maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("x", "X", "0", "7", "99999999"), maxLength: 6 }),
  fc.string({
    unit: fc.constantFrom("Σ", "Α", "İ", "i", "я", "Я", "\u{1f600}", "\uffee", "\udc80", "1"),
    maxLength: 6,
  }),
  fc.string({ unit: "binary", maxLength: 300 }),
);
const entry: fc.Arbitrary<DirectoryEntry> = fc
  .record(
    {
      name,
      isDirectory: fc.boolean(),
      isLink: fc.boolean(),
      size: fc.option(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.maxSafeNat()), { nil: undefined, freq: 1 }),
      modified: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double(), fc.constant(Number.NaN)),
    },
    { noNullPrototype: true },
  )
  .filter(({ isDirectory, size }) => isDirectory === (size === undefined));

/** Few of them are as good as many, but for the last ones, which are not packed like the others. */
const entries = fc
  .tuple(fc.array(entry, { maxLength: 40 }), fc.constantFrom(0, 1, 511, 512, 513, 1030))
  .map(([some, more]) => some.concat(Array.from({ length: more }, (_, index) => made(index))));

function made(index: number): DirectoryEntry {
  const isDirectory = index % 7 === 0;
  const size = isDirectory ? undefined : index % 5;
  return {
    name: `Made ${(index * 7919) % 1031}`,
    isDirectory,
    isLink: index % 3 === 0,
    size,
    modified: index % 11,
  };
}

const typeOf = ({ name, isDirectory }: DirectoryEntry): string => (isDirectory ? "" : name.slice(0, 1));

describe("EntryTable", () => {
  it("gives back what was put in", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const table = new EntryTable(all);
        assert.equal(table.length, all.length);
        assert.deepEqual([...table], all);
      }),
    );
  });

  it("can be looked at between two entries that are added", () => {
    const table = new EntryTable();
    const all = Array.from({ length: 1030 }, (_, index) => made(index));
    for (const [number, each] of all.entries()) {
      table.add(each);
      assert.deepEqual(table.at(number), each);
      assert.deepEqual(table.at(number >> 1), all[number >> 1]);
    }
  });
});

describe("the order of a table", () => {
  for (const column of COLUMNS) {
    it(`by ${column} is that of a simple comparison of texts`, async () => {
      await fc.assert(
        fc.asyncProperty(entries, fc.boolean(), async (all, isDescending) => {
          const found = await sortEntries(new EntryTable(all), { column, isDescending }, typeOf);
          assert.deepEqual([...found], simpleOrder(all, column, isDescending));
        }),
      );
    });
  }
});

function simpleOrder(all: readonly DirectoryEntry[], column: Column, isDescending: boolean): number[] {
  const keys = all.map((each) => keysOf(each, column));
  const signs = [1, isDescending ? -1 : 1, ...(column === "name" && isDescending ? [-1, -1] : [1, 1])];
  return Array.from(all.keys()).sort((a, b) => {
    const at = keys[a]!.findIndex((key, index) => key !== keys[b]![index]);
    if (at === -1) return a - b;
    return keys[a]![at]! < keys[b]![at]! ? -signs[at]! : signs[at]!;
  });
}

/** What is compared first, what next, and so on. */
function keysOf(each: DirectoryEntry, column: Column): (string | number)[] {
  const values: Record<Column, string | number> = {
    name: 0,
    type: typeOf(each),
    size: each.size ?? 0,
    date: Number.isNaN(each.modified) ? -Infinity : each.modified,
  };
  return [each.isDirectory ? 0 : 1, values[column], keyOfName(each.name), each.name];
}

/** Compared character by character these give the order of names: the length of a number stands before its digits. */
function keyOfName(text: string): string {
  return text.toLowerCase().replace(/\d+/g, (digits) => `${Math.min(digits.length, 9)}${digits}`);
}
