// Reads multipart/byteranges, strictly.

import assert from "node:assert/strict";

export interface Part {
  readonly type: string | undefined;
  /** Content-Range. */
  readonly range: string | undefined;
  /** One character per byte. */
  readonly body: string;
}

/** @param contentType of the response, with the boundary */
export function parseParts(body: Buffer, contentType: string): Part[] {
  const boundary = /^multipart\/byteranges; boundary=([\w'()+,./:=?-]{1,70})$/.exec(contentType)?.[1];
  assert.ok(boundary !== undefined, contentType);
  const text = body.toString("latin1");
  const end = `\r\n--${boundary}--\r\n`;
  const start = `\r\n--${boundary}\r\n`;
  assert.ok(text.startsWith(start) && text.endsWith(end), JSON.stringify(text.slice(0, 500)));
  return text
    .slice(start.length, -end.length)
    .split(start)
    .map((part) => {
      const headEnd = part.indexOf("\r\n\r\n");
      assert.notEqual(headEnd, -1, part);
      const head = `\r\n${part.slice(0, headEnd)}\r\n`;
      return {
        type: /\r\nContent-Type: ([^\r]*)\r\n/.exec(head)?.[1],
        range: /\r\nContent-Range: ([^\r]*)\r\n/.exec(head)?.[1],
        body: part.slice(headEnd + 4),
      };
    });
}
