// Reads the answers on one connection as they come, and keeps nothing of them but their status.

type State = "head" | "length" | "chunkSize" | "chunk" | "trailer" | "untilClose";

export class AnswerReader {
  /** Of the answers that are complete. */
  readonly statuses: number[] = [];
  /** All bytes that have come. */
  received = 0;
  /** Why this is no HTTP, if it is none. */
  problem: string | undefined;
  readonly #methods: readonly string[];
  #state: State = "head";
  #status = 0;
  #text = "";
  #left = 0;

  /** @param methods of the requests, in order: an answer to HEAD has no body; `HTTP/0.9` for one without a head */
  constructor(methods: readonly string[]) {
    this.#methods = methods;
    this.#begin();
  }

  push(bytes: Buffer): void {
    this.received += bytes.length;
    let at = 0;
    while (at < bytes.length && this.problem === undefined) {
      if (this.#state === "untilClose") return;
      if (this.#state === "length" || this.#state === "chunk") {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        if (this.#left === 0) this.#endOfBytes();
      } else {
        const end = bytes.indexOf("\n", at);
        this.#text += bytes.toString("latin1", at, end === -1 ? bytes.length : end + 1);
        at = end === -1 ? bytes.length : end + 1;
        if (end !== -1) this.#line();
      }
    }
  }

  /** The server has ended its side. */
  end(): void {
    if (this.#state === "untilClose") this.#complete();
  }

  /** A head is gathered up to its empty line; a chunk size and a trailer are taken line by line. */
  #line(): void {
    const text = this.#text;
    if (this.#state === "head") {
      if (text.endsWith("\r\n\r\n")) this.#head(text);
      return;
    }
    this.#text = "";
    if (this.#state === "trailer") {
      if (text === "\r\n") this.#complete();
      return;
    }
    // The line end behind a chunk's data.
    if (text === "\r\n") return;
    const size = /^([0-9a-f]+)\r\n$/i.exec(text);
    if (size === null) this.problem = `no chunk size: ${JSON.stringify(text.slice(0, 80))}`;
    else if (/^0+$/.test(size[1]!)) this.#state = "trailer";
    else this.#setLength(parseInt(size[1]!, 16), "chunk");
  }

  #head(head: string): void {
    this.#text = "";
    const line = /^HTTP\/1\.[01] (\d{3}) /.exec(head);
    if (line === null) {
      this.problem = `no status line: ${JSON.stringify(head.slice(0, 80))}`;
      return;
    }
    this.#status = Number(line[1]);
    if (this.#status < 200) return;
    const isBodiless = this.#status === 204 || this.#status === 304;
    if (this.#methods[this.statuses.length] === "HEAD" || isBodiless) return this.#complete();
    const length = /^content-length: (\d+)\r$/im.exec(head);
    if (length !== null) this.#setLength(Number(length[1]), "length");
    else this.#state = /^transfer-encoding: chunked\r$/im.test(head) ? "chunkSize" : "untilClose";
  }

  #setLength(length: number, state: "length" | "chunk"): void {
    this.#left = length;
    this.#state = state;
    if (length === 0) this.#endOfBytes();
  }

  #endOfBytes(): void {
    if (this.#state === "length") this.#complete();
    else this.#state = "chunkSize";
  }

  #complete(): void {
    this.statuses.push(this.#status);
    this.#begin();
  }

  #begin(): void {
    this.#state = this.#methods[this.statuses.length] === "HTTP/0.9" ? "untilClose" : "head";
    this.#status = 0;
    this.#text = "";
  }
}
