import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";

import { removeItem } from "../src/remove-item.ts";

describe("removeItem", () => {
  it("takes one item out and leaves the others in their order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), fc.integer(), (items, item) => {
        const list = [...items];
        removeItem(list, item);
        assert.deepEqual(
          list,
          items.filter((each) => each !== item),
        );
      }),
    );
  });
});
