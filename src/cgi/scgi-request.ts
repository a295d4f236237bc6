// The beginning of an SCGI request: its variables as a netstring (SCGI specification, 2008).

/** `CONTENT_LENGTH` comes first and is always there, `SCGI` is 1; names and values end in a NUL each. */
export function makeSCGIRequest(variables: Readonly<Record<string, string>>): Buffer {
  const { CONTENT_LENGTH = "0", ...others } = variables;
  const pairs = Object.entries({ CONTENT_LENGTH, SCGI: "1", ...others });
  const content = Buffer.from(pairs.map(([name, value]) => `${name}\0${value}\0`).join(""), "utf8");
  return Buffer.concat([Buffer.from(`${content.length}:`), content, Buffer.from(",")]);
}
