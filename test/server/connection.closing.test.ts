// A connection that the server has closed ends by itself, whatever its client and its last request are still doing.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { serving, TestHandler } from "./serving.ts";

describe(
  "a connection that is closed while somebody still wants its request body",
  { timeout: 20_000 },
  () => {
    it("ends after lingerTime, also when the client keeps its side open in silence (RFC 9112 §9.6)", async (t) => {
      let noteLost!: () => void;
      const lost = new Promise<void>((resolve) => (noteLost = resolve));
      /** Answers when the first bytes of a body are here, and closes. */
      class Hasty extends TestHandler {
        async do_POST(): Promise<void> {
          this.request.onLost(noteLost);
          await once(this.rfile, "data");
          this.answer("enough", 200, { Connection: "close" });
        }
      }
      const { port } = await serving(t, Hasty, { limits: { lingerTime: 300, bodyTime: 1_000 } });
      const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      t.after(() => client.destroy());
      client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nthe beginning");
      let text = "";
      client.setEncoding("latin1").on("data", (part: string) => (text += part));
      await once(client, "end");
      assert.match(text, /^HTTP\/1\.1 200 [^]*enough$/);
      // Only the server can end this: without it the test waits in vain.
      await lost;
    });
  },
);
