// What one server makes of the bytes of one connection.

export interface SeenRequest {
  readonly method: string;
  /** What the server hands on as the target: its own reading, if it changes what was sent. */
  readonly target: string;
  /** `1.1`, as in HTTP/1.1. */
  readonly version: string;
  /** `[name, value]` for each field line, in the order of the wire; one character per byte. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Another request may follow. */
  readonly persists: boolean;
  /** One character per byte; `undefined` where nobody looked at the body. */
  readonly body: string | undefined;
  /** The body ended where its framing says. */
  readonly isComplete: boolean;
}

export type End =
  /** All that came was requests. */
  | { readonly kind: "end" }
  /** A request was the last one that this connection may carry: what follows was not read. */
  | { readonly kind: "closed" }
  /** The same, because a trailer field of the last request says so. */
  | { readonly kind: "closed by a trailer" }
  /** The input ended within a request. */
  | { readonly kind: "incomplete" }
  | { readonly kind: "refused"; readonly reason: string }
  /** What follows is another protocol. */
  | { readonly kind: "tunnel" }
  /** Of what follows this server has no opinion: it leaves bodies to its handlers. */
  | { readonly kind: "unknown" }
  /** The server itself broke: an error inside, or no end at all. */
  | { readonly kind: "failed"; readonly reason: string };

export interface Verdict {
  /** Every request whose head was accepted. */
  readonly requests: readonly SeenRequest[];
  readonly end: End;
}

/** The bytes of a connection, and how they come. */
export interface Case {
  /** One character per byte. */
  readonly text: string;
  /** Where the input is cut into pieces, ascending. */
  readonly cuts: readonly number[];
  /** Each piece comes in a turn of the event loop of its own, so that the server has done all it can before the next. */
  readonly isSlow: boolean;
  /** htbin's handler reads the body; if not, the connection has to find its end by itself. */
  readonly readsBody: boolean;
}

export interface Peer {
  readonly name: string;
  judge(input: Case): Verdict | Promise<Verdict>;
  close(): void;
}

/** The pieces in which the bytes of a case come. */
export function piecesOf({ text, cuts }: Case): Buffer[] {
  const bytes = Buffer.from(text, "latin1");
  if (cuts.length === 0) return [bytes];
  const pieces: Buffer[] = [];
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (cut > start && cut <= bytes.length) pieces.push(bytes.subarray(start, cut));
    start = Math.max(start, cut);
  }
  return pieces;
}

/** How the connection ended, if no error has ended it: the last request decides. */
export function endAfter(requests: readonly SeenRequest[], isAllRead: boolean): End {
  const last = requests.at(-1);
  if (last !== undefined && !last.isComplete) return { kind: "incomplete" };
  if (last !== undefined && !last.persists) return { kind: "closed" };
  return { kind: isAllRead ? "end" : "incomplete" };
}

/** One line: `POST /a (5 bytes), GET /b, refused`. */
export function summarise({ requests, end }: Verdict): string {
  return [...requests.map(summariseRequest), end.kind].join(", ");
}

function summariseRequest({ method, target, body, isComplete }: SeenRequest): string {
  const size = body === undefined ? "unread" : `${body.length} bytes`;
  if (!isComplete) return `${method} ${target} (cut off)`;
  return body === "" ? `${method} ${target}` : `${method} ${target} (${size})`;
}
