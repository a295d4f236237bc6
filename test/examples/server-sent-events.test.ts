import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { startExample } from "./running-example.ts";

describe("examples/server-sent-events", () => {
  it("serves the page, and sends events one by one as they happen", async () => {
    await using example = await startExample("server-sent-events");
    const page = await fetch(example.url);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(await page.text(), /new EventSource\("\/clock"\)/);

    const leave = new AbortController();
    const clock = await fetch(`${example.url}clock`, { signal: leave.signal });
    assert.equal(clock.headers.get("content-type"), "text/event-stream");
    const events = eventsOf(clock);
    assert.match(await events.next(), /^id: 1\ndata: \d{4}-\d\d-\d\dT/);
    assert.match(await events.next(), /^id: 2\ndata: /);
    leave.abort();
    assert.equal((await fetch(`${example.url}elsewhere`)).status, 404);
    // A client that leaves is no error.
    assert.doesNotMatch(example.stderr(), /Exception|cut/);
  });

  it("ends the streams that run when it is stopped, and stops cleanly and soon", async () => {
    await using example = await startExample("server-sent-events");
    const clock = await fetch(`${example.url}clock`);
    const events = eventsOf(clock);
    await events.next();
    const [rest] = await Promise.all([events.rest(), example.stop()]);
    assert.match(rest, /^(id: \d+\ndata: \S+\n\n)*$/);
  });
});

/** The events of a response, cut at their blank lines. */
function eventsOf(response: Response): { next(): Promise<string>; rest(): Promise<string> } {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const more = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    text += value ?? "";
    return !done;
  };
  return {
    next: async () => {
      while (!text.includes("\n\n")) if (!(await more())) throw new Error("the stream has ended");
      const end = text.indexOf("\n\n");
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      return event;
    },
    rest: async () => {
      while (await more());
      return text;
    },
  };
}
