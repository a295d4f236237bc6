// The differences that are meant: where htbin and another server read the same bytes differently, and why that is right.
//
// An entry explains as little as it can. htbin refusing more is told by its own words and by what the other server has
// taken; htbin taking more, or something else, by the very part that differs. fuzz/findings/ has an input for each.

import { METHODS } from "node:http";
import type { Difference } from "./compare.ts";
import * as evidence from "./evidence.ts";
import { listOf, valuesOf } from "./evidence.ts";
import type { SeenRequest } from "./verdict.ts";

export interface KnownDifference {
  readonly name: string;
  /** The server that reads it in another way. */
  readonly peer: "llhttp" | "python" | "both";
  /** Why htbin does as it does, with the section of the RFC that lets it. */
  readonly reason: string;
  /** @param input all bytes of the connection, one character per byte */
  explains(difference: Difference, input: string): boolean;
}

/** The entry that explains a difference between htbin and that peer. */
export function explain(peer: string, difference: Difference, input: string): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (known) => (known.peer === peer || known.peer === "both") && known.explains(difference, input),
  );
}

type Evidence = (seen: SeenRequest, input: string) => boolean;

/** htbin refuses with this status and message what the peer takes; the evidence is in what the peer has taken. */
function refuses(message: RegExp, holds: Evidence): KnownDifference["explains"] {
  return ({ kind, theirs, ourEnd }, input) =>
    kind === "only the peer accepts" &&
    ourEnd.kind === "refused" &&
    message.test(ourEnd.reason) &&
    holds(theirs!, input);
}

/** The peer refuses with this reason what htbin takes; the evidence is in what htbin has taken. */
function takes(reason: RegExp, holds: Evidence): KnownDifference["explains"] {
  return ({ kind, ours, theirEnd }, input) =>
    (kind === "only htbin accepts" || kind === "only htbin completes") &&
    theirEnd.kind === "refused" &&
    reason.test(theirEnd.reason) &&
    holds(ours!, input);
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  // ---- the target and Host ---------------------------------------------------------------------------------------------
  {
    name: "Host is checked",
    peer: "both",
    reason: 'RFC 9112 §3.2: 400 for "a Host header field with an invalid field value".',
    explains: refuses(/^400 Bad Host$/, (theirs) => !evidence.isAuthority(valuesOf(theirs, "host")[0]!)),
  },
  {
    name: "one Host",
    peer: "both",
    reason: 'RFC 9112 §3.2: 400 for "more than one Host header field line".',
    explains: refuses(/^400 Repeated Host$/, (theirs) => valuesOf(theirs, "host").length > 1),
  },
  {
    name: "HTTP/1.1 needs Host",
    peer: "python",
    reason: "RFC 9112 §3.2: 400 for a request that lacks it.",
    explains: refuses(/^400 Missing Host$/, (theirs) => valuesOf(theirs, "host").length === 0),
  },
  {
    name: "forms of the target",
    peer: "both",
    reason:
      "RFC 9112 §3.2: a path, an http URI, `*` for OPTIONS, host and port for CONNECT, and nothing else.",
    explains: refuses(/^400 Bad request target$/, ({ method, target }) =>
      method === "CONNECT"
        ? !/^[^/?@]+:\d*[1-9]\d*$/.test(target)
        : !/^\/|^[a-z][a-z0-9+.-]*:\/\//i.test(target),
    ),
  },
  {
    name: "schemes",
    peer: "both",
    reason:
      "RFC 9110 §7.4: a request for https that came without TLS is refused (421), others are not ours (400).",
    explains: refuses(/^421 |^400 Bad scheme in request target$/, ({ target }) =>
      /^(?!http:)[a-z][a-z0-9+.-]*:\/\//i.test(target),
    ),
  },
  {
    name: "authority of the target",
    peer: "both",
    reason: "RFC 9110 §4.2.1, §4.2.4: an http URI has a host, and a target no user name.",
    explains: refuses(/^400 Bad host in request target$/, ({ target }) => {
      const authority = evidence.authorityOf(target);
      return authority !== undefined && (/^(:|$)/.test(authority) || !evidence.isAuthority(authority));
    }),
  },
  {
    name: "fragments",
    peer: "both",
    reason: "RFC 9110 §7.1: the target excludes the fragment; a server that cuts it off sees another path.",
    explains: refuses(/^400 Bad character in request target$/, ({ target }) => target.includes("#")),
  },
  {
    name: "bytes from 0x80 in a target",
    peer: "llhttp",
    reason:
      "RFC 3986 §2: they should be encoded, but clients send file names as they are; they change no delimiter.",
    explains: takes(/^HPE_INVALID_URL: Invalid char/, ({ target }) => /[\x80-\xff]/.test(target)),
  },
  {
    name: "the path of an http URI, and one slash before it",
    peer: "both",
    reason: "RFC 9112 §3.2.2; and `//host/..` in a redirect would lead elsewhere (CVE-2021-28861).",
    explains: ({ kind, ours, theirs }) =>
      kind === "target" &&
      theirs!.method !== "CONNECT" &&
      theirs!.target !== ours!.target &&
      evidence.pathOf(theirs!.target) === ours!.target,
  },
  {
    name: "the host of an http URI",
    peer: "llhttp",
    reason: "RFC 9112 §3.2.2: it replaces the Host field.",
    explains: ({ kind, ours, theirs }) =>
      kind === "fields" &&
      evidence.authorityOf(theirs!.target) !== undefined &&
      evidence.fieldsWithHostOf(theirs!.target, theirs!.fields) === JSON.stringify(ours!.fields),
  },
  // ---- the request line ------------------------------------------------------------------------------------------------
  {
    name: "any method",
    peer: "llhttp",
    reason: "RFC 9110 §9.1: a method is a token, and the specification dispatches any; llhttp has a list.",
    explains: takes(
      /^HPE_INVALID_METHOD|: Invalid method for HTTP|: Expected HTTP\/2 Connection Preface$/,
      ({ method }) => !METHODS.includes(method) && /^[!#$%&'*+.^_`|~\w-]+$/.test(method),
    ),
  },
  {
    name: "HTTP/1.2 and later",
    peer: "llhttp",
    reason: "RFC 9110 §2.5: a higher minor version is processed as the highest one that we know.",
    explains: takes(/^HPE_INVALID_VERSION: Invalid HTTP version$/, ({ version }) =>
      /^1\.[2-9]$/.test(version),
    ),
  },
  {
    name: "other versions and protocols",
    peer: "both",
    reason:
      "RFC 9110 §15.6.6: 505 for a major version that is not ours, and one digit each; RTSP and ICE are not HTTP.",
    explains: refuses(
      /^505 |^400 Bad request version/,
      ({ version }, input) => !/^1\.\d$/.test(version) || /(RTSP|ICE)\/1\.\d\r\n/.test(input),
    ),
  },
  {
    name: "HTTP/0.9 has no fields",
    peer: "both",
    reason:
      "RFC 1945 §4.1: the request is its line, and the connection closes; the others read fields behind it.",
    explains: ({ kind, ours }) =>
      ours !== undefined &&
      evidence.isSimple(ours) &&
      /^(only htbin (accepts|completes)|fields|body|tunnel)$/.test(kind),
  },
  {
    name: "HTTP/0.9 closes",
    peer: "both",
    reason:
      "RFC 1945 §4.1: the end of the connection is the end of its response; the others look at Connection.",
    explains: ({ kind, ours }) => kind === "persistence" && ours!.version === "0.9" && !ours!.persists,
  },
  {
    name: "HTTP/0.9 is GET with a target",
    peer: "llhttp",
    reason:
      "RFC 1945 §4.1; llhttp takes any method there, a bare LF behind the line, and CONNECT to nowhere.",
    explains: refuses(
      /^400 Bad HTTP\/0\.9 request type|^400 Bare LF in request line|^400 Bad request syntax/,
      ({ method, target, version }, input) =>
        version === "0.9" &&
        (method !== "GET" || new RegExp(`GET +${evidence.quote(target)} *\\n`).test(input)),
    ),
  },
  {
    name: "one blank between the words of the request line",
    peer: "llhttp",
    reason: "RFC 9112 §3: a single SP; two servers that split differently see two requests.",
    explains: refuses(/^400 Bad request syntax/, ({ method, target }, input) => {
      const [first, second] = [evidence.quote(method), evidence.quote(target)];
      return new RegExp(`${first}( {2,}${second}| ${second} {2,}[A-Z]+/)`).test(input);
    }),
  },
  {
    name: "bytes from 0x80 are no white space",
    peer: "python",
    reason: "RFC 9112 §2.2: parsing works on octets; for Python, 0x85 and 0xA0 separate words.",
    explains(difference, input) {
      const { kind, ours, theirs } = difference;
      if (ours === undefined || !/[\x85\xa0]/.test(ours.target)) return false;
      if (evidence.isSimple(ours)) return kind === "target" || kind === "version";
      if (kind === "target")
        return evidence.pathOf(theirs!.target) === ours.target.replace(/[\x85\xa0]+$/, "");
      return takes(/^400 Bad request (syntax|version)/, () => true)(difference, input);
    },
  },
  // ---- empty lines, fields ---------------------------------------------------------------------------------------------
  {
    name: "empty lines before a request",
    peer: "both",
    reason:
      "RFC 9112 §2.2: CRLF is skipped, up to 100 times; llhttp skips any CR and LF, and Python gives up.",
    explains: (difference, input) =>
      refuses(
        /^400 (Bare LF in request line|Bad request syntax \('\\x0d|Too many empty lines)/,
        evidence.isBehindLineEnd,
      )(difference, input) || takes(/^empty line$/, evidence.isBehindLineEnd)(difference, input),
  },
  {
    name: "empty lines at the end",
    peer: "both",
    reason: "RFC 9112 §2.2: only CRLF is an empty line; nobody sees a request there.",
    explains: ({ kind, theirEnd }, input) =>
      kind === "end" && theirEnd.kind === "end" && /[\s\x1c-\x1f\x85]$/.test(input),
  },
  {
    name: "at most 100 fields",
    peer: "both",
    reason:
      "RFC 9110 §5.4: 431 beyond a limit of ours, which is that of the original; Python counts the empty line.",
    explains: (difference, input) =>
      refuses(/^431 Too many headers$/, ({ fields }) => fields.length > 100)(difference, input) ||
      takes(/^431 Too many headers$/, ({ fields }) => fields.length === 100)(difference, input),
  },
  {
    name: "at most 100 trailers",
    peer: "llhttp",
    reason: "RFC 9110 §6.5.2: the same limit; what htbin would drop anyway need not be endless.",
    explains: ({ kind, ours, ourEnd }, input) =>
      kind === "only the peer completes" &&
      ourEnd.kind === (ours!.body === undefined ? "incomplete" : "refused") &&
      (!("reason" in ourEnd) || ourEnd.reason === "431 Too many headers") &&
      evidence.isChunked(ours!) &&
      input.split("\r\n").length > 100,
  },
  {
    name: "the grammar of a head",
    peer: "python",
    reason:
      "RFC 9112 §3, §5: Python takes any white space, bare LF, folded lines, lines without a colon, any method.",
    explains: refuses(
      /^400 (Bad (request |(character|host|scheme) in request target|HTTP\/0\.9|header line)|Bare |Folded |Control character)/,
      (theirs, input) => !evidence.hasStrictHead(theirs, input),
    ),
  },
  {
    name: "a head has an end",
    peer: "python",
    reason: "RFC 9112 §8: a head that the client did not complete is no request; Python takes what has come.",
    explains: ({ kind, theirs, ourEnd }, input) =>
      kind === "only the peer accepts" &&
      ourEnd.kind === "incomplete" &&
      !evidence.hasStrictHead(theirs!, input),
  },
  {
    name: "white space behind a value",
    peer: "python",
    reason: "RFC 9112 §5.1: it is no part of the value.",
    explains: ({ kind, ours, theirs }) => {
      if (kind !== "fields") return false;
      const trimmed = theirs!.fields.map(([name, value]) => [name, evidence.trimBlanks(value)] as const);
      return evidence.fieldsWithHostOf(theirs!.target, trimmed) === JSON.stringify(ours!.fields);
    },
  },
  {
    name: "expectations",
    peer: "both",
    reason:
      "RFC 9110 §10.1.1: 417 for all but 100-continue; Node looks for that word anywhere, Python ignores the rest.",
    explains: refuses(
      /^417 $/,
      (theirs) => valuesOf(theirs, "expect").join(", ").toLowerCase() !== "100-continue",
    ),
  },
  {
    name: "an empty Expect",
    peer: "llhttp",
    reason: "RFC 9110 §5.6.1: empty elements of a list are ignored, so it expects nothing; Node answers 417.",
    explains: takes(/^expectation$/, (ours) => listOf(ours, "expect").every((member) => member === "")),
  },
  // ---- where a body ends -----------------------------------------------------------------------------------------------
  {
    name: "framing is the server's",
    peer: "python",
    reason: "RFC 9112 §6.3: htbin decides where a body ends; Python leaves it to each handler.",
    explains: (difference, input) =>
      difference.theirEnd.kind === "unknown" &&
      refuses(
        /^(400|501) .*(Content-Length|Transfer-Encoding|transfer coding)/,
        (theirs) => theirs.body === undefined,
      )(difference, input),
  },
  {
    name: "chunks in HTTP/1.0",
    peer: "llhttp",
    reason: "RFC 9112 §6.1: there the framing of a message with Transfer-Encoding is faulty.",
    explains: refuses(
      /^400 Transfer-Encoding in HTTP\/1\.0$/,
      (theirs) => /^(1\.0|0\.9)$/.test(theirs.version) && valuesOf(theirs, "transfer-encoding").length > 0,
    ),
  },
  {
    name: "codings but one chunked",
    peer: "llhttp",
    reason:
      "RFC 9112 §6.1: 501 for one that is not understood, 400 for chunked twice; llhttp asks the last one only.",
    explains: refuses(/^501 Unsupported transfer coding$|^400 Bad Transfer-Encoding$/, (theirs) => {
      const codings = listOf(theirs, "transfer-encoding");
      return codings.at(-1) === "chunked" && codings.length > 1;
    }),
  },
  {
    name: "an empty Transfer-Encoding",
    peer: "llhttp",
    reason: "RFC 9112 §6.3: it does not end in chunked; for llhttp it is not there.",
    explains: refuses(/^400 (Both Content-Length and|Transfer-Encoding does not end)/, (theirs) =>
      valuesOf(theirs, "transfer-encoding").includes(""),
    ),
  },
  {
    name: "lengths that are exact numbers",
    peer: "llhttp",
    reason: "RFC 9110 §8.6: a length must not overflow; htbin takes up to 15 digits.",
    explains: refuses(/^400 Bad Content-Length$/, (theirs) =>
      valuesOf(theirs, "content-length").every((value) => /^\d{16,}$/.test(value)),
    ),
  },
  {
    name: "tabs around a framing field",
    peer: "llhttp",
    reason: "RFC 9110 §5.6.3: optional white space is SP and HTAB; llhttp trims only SP from these.",
    explains: takes(
      /^HPE_INVALID_(CONTENT_LENGTH: Invalid character in|TRANSFER_ENCODING: Request has invalid)/,
      (ours, input) =>
        /\r\n(content-length:[ \t]*\d+|transfer-encoding:[ \t]*chunked)[ \t]*\t[ \t]*\r\n/i.test(input) &&
        valuesOf(ours, "content-length").length + valuesOf(ours, "transfer-encoding").length === 1,
    ),
  },
  {
    name: "blanks in a chunk's extensions",
    peer: "llhttp",
    reason: 'RFC 9112 §7.1.1: BWS stands round ";" and "=", and a recipient has to take it.',
    explains: takes(
      /^HPE_(INVALID_CHUNK_SIZE|STRICT: Invalid character in chunk extensions)/,
      (ours, input) =>
        evidence.isChunked(ours) && /\n[0-9a-f]+[^\r\n]*([ \t][;=]|[;=][ \t])[^\r\n]*\r\n/i.test(input),
    ),
  },
  {
    name: "the grammar of a chunk's extensions",
    peer: "llhttp",
    reason: "RFC 9112 §7.1.1: llhttp takes an empty name or value, and a quotation mark behind a token.",
    explains: ({ kind, ours, ourEnd }, input) =>
      kind === "only the peer completes" &&
      ourEnd.kind === (ours!.body === undefined ? "incomplete" : "refused") &&
      (!("reason" in ourEnd) || ourEnd.reason === "400 Bad chunk size") &&
      evidence.isChunked(ours!) &&
      evidence.hasBadExtension(input),
  },
  {
    name: "framing in trailers",
    peer: "llhttp",
    reason:
      "RFC 9110 §6.5.1: trailers have no say in framing, and htbin drops them; llhttp refuses these two.",
    explains: takes(
      /^HPE_INVALID_(CONTENT_LENGTH: Content-Length can't be present|TRANSFER_ENCODING: Invalid `Transfer)/,
      (ours) => ours.isComplete && evidence.isChunked(ours),
    ),
  },
  // ---- whether the connection goes on ----------------------------------------------------------------------------------
  {
    name: "Connection in trailers",
    peer: "llhttp",
    reason: "RFC 9110 §6.5.1: trailers have no say in routing either; llhttp closes.",
    explains: ({ kind, theirEnd }) =>
      /^(only htbin accepts|end)$/.test(kind) && theirEnd.kind === "closed by a trailer",
  },
  {
    name: "Connection is a list",
    peer: "python",
    reason: "RFC 9110 §7.6.1: Python looks at the first field, and takes its whole value for one option.",
    explains: ({ kind, ours, theirs }) => {
      if (kind !== "persistence" || !evidence.persistsByRule(ours!)) return false;
      const values = valuesOf(theirs!, "connection");
      return values.length > 1 || values.some((value) => /[, \t]/.test(value));
    },
  },
  {
    name: "close beats keep-alive",
    peer: "llhttp",
    reason: "RFC 9112 §9.3: `close` is looked for first; for llhttp, `keep-alive` wins in HTTP/1.0.",
    explains: ({ kind, ours }) => {
      if (kind !== "persistence" || !evidence.persistsByRule(ours!)) return false;
      const options = listOf(ours!, "connection");
      return ours!.version === "1.0" && options.includes("close") && options.includes("keep-alive");
    },
  },
  {
    name: "tabs around a Connection option",
    peer: "llhttp",
    reason: "RFC 9110 §5.6.3: optional white space is SP and HTAB; llhttp trims only SP here.",
    explains: ({ kind, ours }, input) =>
      kind === "persistence" && evidence.persistsByRule(ours!) && /\r\nconnection:[^\r\n]*\t/i.test(input),
  },
  {
    name: "Proxy-Connection",
    peer: "llhttp",
    reason: "RFC 9112 §C.2.2: no field of HTTP; llhttp takes it for Connection.",
    explains: ({ kind, ours }) =>
      kind === "persistence" &&
      evidence.persistsByRule(ours!) &&
      valuesOf(ours!, "proxy-connection").length > 0,
  },
  {
    name: "no other protocol",
    peer: "llhttp",
    reason:
      "RFC 9110 §7.8, §9.3.6: htbin ignores Upgrade, does not connect, and checks Host and framing all the same.",
    explains: (difference, input) => {
      const { kind, theirs, theirEnd } = difference;
      if (theirEnd.kind !== "tunnel" || theirs === undefined) return false;
      if (theirs.method !== "CONNECT" && !evidence.isUpgrade(theirs)) return false;
      const isRefused = refuses(/^400 (Missing Host|Transfer-Encoding does not end in chunked)$/, () => true);
      return kind === "tunnel" || isRefused(difference, input);
    },
  },
  // ---- nobody takes the request ----------------------------------------------------------------------------------------
  {
    name: "refused now or later",
    peer: "both",
    reason:
      "RFC 9112 §2.2: one is certain before the other, or refuses behind the head what the other refuses in it.",
    explains({ kind, ours, theirs, ourEnd, theirEnd }) {
      if (kind === "end") {
        const [first, second] = [ourEnd.kind, theirEnd.kind].sort();
        return first === "incomplete" && second === "refused";
      }
      if (ourEnd.kind !== "refused" || theirEnd.kind !== "refused") return false;
      if (kind === "only htbin accepts") return !ours!.isComplete;
      return kind === "only the peer accepts" && !theirs!.isComplete;
    },
  },
];
