// The Server field: what software answers (RFC 9110 §10.2.4).

let last = { server: "", system: "", text: " " };

/** The same string object for the same versions: what goes into every response is compared quickly then. */
export function serverField(server: string, system: string): string {
  if (last.server !== server || last.system !== system)
    last = { server, system, text: system === "" ? server : `${server} ${system}` };
  return last.text;
}
