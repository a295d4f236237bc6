import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { gatherOutput } from "../../src/cgi/gather-output.ts";
import type { BodyPiece } from "../../src/cgi/run-script.ts";

const LONG = 60_000;

/** Gives these pieces, and then none until it is told to. */
function source(...pieces: BodyPiece[]): {
  next: () => Promise<BodyPiece>;
  give: (piece: BodyPiece) => void;
} {
  let give: (piece: BodyPiece) => void = () => {};
  const waiting = new Promise<BodyPiece>((resolve) => (give = resolve));
  return { next: () => Promise.resolve(pieces.shift() ?? waiting), give };
}

const bytes = (text: string): BodyPiece => ({ kind: "bytes", bytes: Buffer.from(text) });

describe("gatherOutput", () => {
  it("has all of an output that ends in time", async () => {
    const { next } = source(bytes("ab"), bytes("c"), { kind: "end" });
    const gathered = await gatherOutput(next, LONG);
    assert.equal(Buffer.concat(gathered.pieces).toString(), "abc");
    assert.equal(gathered.size, 3);
    assert.deepEqual(gathered.next, { kind: "end" });
  });

  it("gives back what it has, and what is on its way, when the time is over", async () => {
    const { next, give } = source(bytes("ab"));
    const gathered = await gatherOutput(next, 1);
    assert.equal(gathered.size, 2);
    give(bytes("later"));
    assert.deepEqual(await gathered.next, bytes("later"));
  });

  it("tells of a cut", async () => {
    const cut: BodyPiece = { kind: "cut", cause: new Error("killed") };
    assert.deepEqual((await gatherOutput(source(bytes("a"), cut).next, LONG)).next, cut);
  });

  it("holds back no more than 64 KiB and a piece, and asks for none while it may hold one that is lent", async () => {
    const { next } = source(bytes("head"), bytes("x".repeat(65_536)), bytes("rest"), { kind: "end" });
    const gathered = await gatherOutput(next, LONG);
    assert.equal(gathered.size, 65_540);
    assert.equal(gathered.next, undefined);
    assert.deepEqual(await next(), bytes("rest"));
  });
});
