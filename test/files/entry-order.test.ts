import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DirectoryEntry } from "../../src/files/directory-entry.ts";
import { BY_NAME, type EntryOrder, orderOf, sortEntries } from "../../src/files/entry-order.ts";
import { EntryTable } from "../../src/files/entry-table.ts";

const file = (name: string, size = 0, modified = 0): DirectoryEntry => ({
  name,
  isDirectory: false,
  isLink: false,
  size,
  modified,
});
const folder = (name: string, modified = 0): DirectoryEntry => ({
  ...file(name, 0, modified),
  isDirectory: true,
  size: undefined,
});

async function sorted(entries: readonly DirectoryEntry[], order: EntryOrder = BY_NAME): Promise<string[]> {
  const typeOf = (entry: DirectoryEntry): string => entry.name.split(".").at(-1)!;
  const numbers = await sortEntries(new EntryTable(entries), order, typeOf);
  return Array.from(numbers, (number) => entries[number]!.name);
}

describe("sortEntries", () => {
  it("puts directories first, and sorts by name without regard to case", async () => {
    const entries = [file("cherry"), file("Banana"), folder("zebra"), file("apple"), folder("Yak")];
    assert.deepEqual(await sorted(entries), ["Yak", "zebra", "apple", "Banana", "cherry"]);
  });

  it("has one order for names that differ in case only", async () => {
    assert.deepEqual(await sorted(["b", "A", "a", "B"].map((name) => file(name))), ["A", "a", "B", "b"]);
  });

  it("sorts numbers in names by their value", async () => {
    const names = ["v10.2", "v9", "v9.10", "v9.9", "v", "v-1", "va"];
    assert.deepEqual(await sorted(names.map((name) => file(name))), [
      "v",
      "v-1",
      "v9",
      "v9.9",
      "v9.10",
      "v10.2",
      "va",
    ]);
  });

  it("keeps directories first, and names from A to Z among equals, in the other direction, too", async () => {
    const entries = [file("a.x", 1), file("b.x", 2), file("c.x", 2), folder("d"), folder("e")];
    assert.deepEqual(await sorted(entries, { column: "size", isDescending: true }), [
      "d",
      "e",
      "b.x",
      "c.x",
      "a.x",
    ]);
    assert.deepEqual(await sorted(entries, { column: "size", isDescending: false }), [
      "d",
      "e",
      "a.x",
      "b.x",
      "c.x",
    ]);
    assert.deepEqual(await sorted(entries, { column: "name", isDescending: true }), [
      "e",
      "d",
      "c.x",
      "b.x",
      "a.x",
    ]);
  });

  it("sorts by date, of directories as well, and by type", async () => {
    const entries = [
      file("a.z", 0, 1),
      file("b.y", 0, 3),
      folder("c", 2),
      folder("d", 9),
      file("e.z", 0, Number.NaN),
    ];
    assert.deepEqual(await sorted(entries, { column: "date", isDescending: true }), [
      "d",
      "c",
      "b.y",
      "a.z",
      "e.z",
    ]);
    assert.deepEqual(await sorted(entries, { column: "type", isDescending: false }), [
      "c",
      "d",
      "b.y",
      "a.z",
      "e.z",
    ]);
  });
});

describe("orderOf", () => {
  const of = (query: string): EntryOrder => orderOf(new URLSearchParams(query));

  it("reads column and direction", () => {
    assert.deepEqual(of("sort=size&order=desc"), { column: "size", isDescending: true });
    assert.deepEqual(of("x=y&sort=date"), { column: "date", isDescending: false });
  });

  it("is by name for all that it does not understand", () => {
    for (const query of ["", "sort=owner&order=desc", "order=desc", "sort=", "sort=__proto__"])
      assert.deepEqual(of(query), BY_NAME, query);
  });
});
