import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LimitError } from "../../src/errors.ts";
import { checkLimits, completeLimits, DEFAULT_LIMITS, type ServerLimits } from "../../src/server/limits.ts";
import { TCPServer } from "../../src/server/tcp-server.ts";
import { TestHandler } from "./serving.ts";

describe("limits", () => {
  it("are the defaults where nothing is said", () => {
    assert.deepEqual(completeLimits({}), DEFAULT_LIMITS);
    const idle = undefined as unknown as number;
    assert.deepEqual(completeLimits({ body: 5, idleTime: idle }), { ...DEFAULT_LIMITS, body: 5 });
  });

  it("take 0 and Infinity where that means something", () => {
    for (const name of Object.keys(DEFAULT_LIMITS) as (keyof ServerLimits)[]) {
      assert.equal(completeLimits({ [name]: Infinity })[name], Infinity);
    }
    assert.equal(completeLimits({ minRate: 0 }).minRate, 0);
    assert.equal(completeLimits({ body: 0 }).body, 0);
  });

  for (const [wrong, message] of [
    [
      { body: Number.NaN },
      /^limits\.body is NaN; it has to be a number from 0 up, or Infinity for no limit$/,
    ],
    [{ headTime: -1 }, /^limits\.headTime is -1; .* from 0 up/],
    [{ connections: 0 }, /^limits\.connections is 0; .* from 1 up/],
    [{ requestLine: 0.5 }, /^limits\.requestLine is 0\.5; .* from 1 up/],
    [{ body: "1G" }, /^limits\.body is a string; /],
    [{ body: 1n }, /^limits\.body is a bigint; /],
    [{ idelTime: 5 }, /^there is no limit idelTime; see ServerLimits$/],
    [{ toString: 5 }, /^there is no limit toString/],
    [null, /^limits has to be an object/],
    [60, /^limits has to be an object/],
    [[], /^limits has to be an object/],
  ] as const) {
    it(`refuse what no server could keep to: ${message.source}`, async () => {
      assert.match(checkLimits(wrong) ?? "", message);
      const server = new TCPServer(["127.0.0.1", 0], TestHandler);
      server.limits = wrong as unknown as Partial<ServerLimits>;
      await assert.rejects(server.listen(), (error) => {
        assert.ok(error instanceof LimitError);
        assert.ok(error instanceof RangeError);
        assert.equal(error.code, "ERR_LIMIT");
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("can be set by a class", async (t) => {
    class Patient extends TCPServer {
      override limits = { idleTime: 3_600_000 };
    }
    const server = new Patient(["127.0.0.1", 0], TestHandler);
    t.after(() => server.serverClose());
    await server.listen();
  });
});
