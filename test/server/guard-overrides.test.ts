// Each class of the two ladders says what its callers need of every method that can be overridden.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import { overridesOf, stepsOf } from "../../src/server/guard-overrides.ts";
import { TCPServer } from "../../src/server/tcp-server.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";

/** Methods that return a promise, or may: whoever calls them waits. */
const WAITED_FOR = new Set(
  (
    "run setup finish handle handleOneRequest dispatch methodNotImplemented endsAfter " +
    "sendHead listDirectory archiveDirectory copyFile sendRepresentation sendStreamHead " +
    "runCgi runFound startScript " +
    "listen serveForever handleRequest shutdown serverClose serverActivate processRequest finishRequest"
  ).split(" "),
);

/** What each asks of the classes above it, and nobody overrides for another end. */
const ASKED_UPWARDS = new Set(["requestsAtOnce", "hasOnlyOwnSteps"]);

/** The prototypes of a class and of those that it extends. */
function ladderOf(Class: { readonly prototype: object }): object[] {
  const ladder: object[] = [];
  for (let each = Class.prototype; each !== Object.prototype; each = Object.getPrototypeOf(each) as object)
    ladder.push(each);
  return ladder;
}

function methodsOf(prototype: object): string[] {
  const members = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  return members
    .filter(([name, { value }]) => typeof value === "function" && name !== "constructor")
    .map(([name]) => name);
}

describe("the steps of the classes", () => {
  const ladders = [ladderOf(CGIHTTPRequestHandler), ladderOf(ThreadingHTTPServer)];

  for (const ladder of ladders) {
    const declared = new Set(ladder.flatMap((each) => Object.keys(stepsOf(each))));
    for (const prototype of ladder) {
      const { name } = prototype.constructor;

      it(`${name} declares methods of its own alone, each where it is first made`, () => {
        const own = new Set(methodsOf(prototype));
        const inherited = new Set(ladder.slice(ladder.indexOf(prototype) + 1).flatMap(methodsOf));
        assert.deepEqual(
          Object.keys(stepsOf(prototype)).filter((step) => !own.has(step) || inherited.has(step)),
          [],
        );
      });

      it(`${name} has no method of which nobody knows what becomes of its promise`, () => {
        const unknown = methodsOf(prototype).filter(
          (method) =>
            !declared.has(method) &&
            !WAITED_FOR.has(method) &&
            !ASKED_UPWARDS.has(method) &&
            !method.startsWith("do_"),
        );
        assert.deepEqual(unknown, []);
      });
    }
  }
});

describe("what is taken for an override", () => {
  it("nothing of the classes themselves", () => {
    for (const Class of [CGIHTTPRequestHandler, BaseHTTPRequestHandler, TCPServer, ThreadingHTTPServer])
      assert.deepEqual([...overridesOf(Class.prototype)], [], Class.name);
  });

  it("a method of a class that extends them, and what is set on an instance, each with its kind", () => {
    class Handler extends CGIHTTPRequestHandler {
      override isCgi(): boolean {
        return false;
      }
      override endHeaders(): void {}
      override do_GET(): void {}
    }
    const handler = Object.create(Handler.prototype, {
      logError: { value: () => {} },
    }) as object;
    assert.deepEqual(
      new Map(overridesOf(handler)),
      new Map([
        ["isCgi", "decides"],
        ["endHeaders", "answers"],
        ["logError", "beside"],
      ]),
    );
  });
});
