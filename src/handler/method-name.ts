// Which method of a handler answers a request: `do_GET` for `GET`.

/**
 * A property name that is put together has to be looked up among all names first; these few are
 * what nearly all requests need.
 */
const USUAL = new Map(["GET", "HEAD", "POST"].map((method) => [method, `do_${method}`]));

export function methodName(method: string): string {
  return USUAL.get(method) ?? `do_${method}`;
}
