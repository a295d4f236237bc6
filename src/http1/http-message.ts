// The header section of a message: field lines in their order, looked up without regard
// to case (RFC 9110 §5.1–5.3).

/**
 * The fields of a request, as `handler.headers`.
 *
 * Names compare case-insensitively; repeated fields are kept, in the order and the spelling of the wire.
 * Values are strings with one character per byte (Latin-1), as the original has them;
 * `Buffer.from(value, "latin1")` gives the bytes back.
 */
export class HTTPMessage {
  /** name, value, name, value …: a flat array costs no object per field line. */
  readonly #fields: readonly string[];

  /** @param fields name, value, name, value … */
  constructor(fields: readonly string[] = []) {
    this.#fields = fields;
  }

  /** The value of the first field of that name, or `fallback`. */
  get(name: string): string | undefined;
  /** The value of the first field of that name, or `fallback`. */
  get<T>(name: string, fallback: T): string | T;
  get(name: string, fallback?: unknown): unknown {
    const at = this.#find(name, 0);
    return at === -1 ? fallback : this.#fields[at + 1];
  }

  /** The values of all fields of that name, in order; an empty array if there is none. */
  getAll(name: string): string[] {
    const values: string[] = [];
    for (let at = this.#find(name, 0); at !== -1; at = this.#find(name, at + 2)) {
      values.push(this.#fields[at + 1]!);
    }
    return values;
  }

  /** All values of that name as one list value, joined by `, ` (RFC 9110 §5.3), or `undefined`. */
  getCombined(name: string): string | undefined {
    const first = this.#find(name, 0);
    if (first === -1) return undefined;
    if (this.#find(name, first + 2) === -1) return this.#fields[first + 1];
    return this.getAll(name).join(", ");
  }

  /** Whether there is a field of that name. */
  has(name: string): boolean {
    return this.#find(name, 0) !== -1;
  }

  /** How many fields of that name there are. */
  count(name: string): number {
    return this.getAll(name).length;
  }

  /** The number of field lines. */
  get size(): number {
    return this.#fields.length / 2;
  }

  /** `[name, value]` for each field line, in the order of the wire. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (let i = 0; i < this.#fields.length; i += 2) yield [this.#fields[i]!, this.#fields[i + 1]!];
  }

  /** The field lines as they were received, one per line. */
  toString(): string {
    return [...this].map(([name, value]) => `${name}: ${value}\n`).join("");
  }

  #find(wanted: string, from: number): number {
    const fields = this.#fields;
    for (let i = from; i < fields.length; i += 2) {
      const name = fields[i]!;
      // The length differs nearly always, and is free to compare.
      if (name.length === wanted.length && name.toLowerCase() === wanted.toLowerCase()) return i;
    }
    return -1;
  }
}
