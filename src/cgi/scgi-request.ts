// The beginning of an SCGI request: its variables as a netstring (SCGI specification, 2008).

import type { Environment } from "./environment.ts";

/** `CONTENT_LENGTH` comes first and is always there, `SCGI` is 1; names and values end in a NUL each. */
export function makeSCGIRequest(variables: Environment): Buffer {
  let text = `CONTENT_LENGTH\0${variables.get("CONTENT_LENGTH") ?? "0"}\0SCGI\x001\0`;
  for (const [name, value] of variables) {
    if (name !== "CONTENT_LENGTH" && name !== "SCGI") text += `${name}\0${value}\0`;
  }
  const content = Buffer.from(text, "utf8");
  return Buffer.concat([Buffer.from(`${content.length}:`), content, Buffer.from(",")]);
}
