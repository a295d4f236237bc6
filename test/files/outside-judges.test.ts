// nginx and lighttpd are asked what htbin is asked. Where they differ there is a reason in the list below, or htbin is wrong.

import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { exchange, parseResponses, type RawResponse } from "../raw-client.ts";
import { type JudgeName, startJudge, withoutJudge } from "./judge.ts";
import { parseParts } from "./parts.ts";
import { type Site, startSite } from "./running-site.ts";
import { emptyDirectory, put } from "./tree.ts";

const MODIFIED = new Date("2020-02-02T02:02:02Z");
const SIZE = 5000;

const scratch = emptyDirectory();
const root = join(scratch.path, "root");
let site: Site;

before(async () => {
  put(root, "file.txt", Buffer.from(Array.from({ length: SIZE }, (_, i) => 33 + (i % 90))));
  put(root, "empty.txt", "");
  for (const name of ["file.txt", "empty.txt"]) utimesSync(join(root, name), MODIFIED, MODIFIED);
  site = await startSite({ directory: root });
  // So that its tag is strong; no event tells that the time has passed.
  await delay(2_700);
});
after(async () => {
  await site[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

/** `TAG` stands for the tag that the server itself gives the file; the rest is sent as it is. */
const CONDITIONS = [
  "",
  "If-None-Match: *",
  "If-None-Match: TAG",
  "If-None-Match: W/TAG",
  'If-None-Match: "a", TAG',
  'If-None-Match: "a"',
  "If-None-Match: junk",
  "If-Match: *",
  "If-Match: TAG",
  'If-Match: "a" , TAG',
  'If-Match: "a"',
  "If-Match: W/TAG",
  "If-Modified-Since: Sun, 02 Feb 2020 02:02:02 GMT",
  "If-Modified-Since: Sun, 02 Feb 2020 02:02:01 GMT",
  "If-Modified-Since: Sun, 02 Feb 2020 02:02:03 GMT",
  "If-Modified-Since: never",
  "If-Unmodified-Since: Sun, 02 Feb 2020 02:02:02 GMT",
  "If-Unmodified-Since: Sun, 02 Feb 2020 02:02:01 GMT",
  "If-Unmodified-Since: never",
  'If-None-Match: "a"\r\nIf-Modified-Since: Sun, 02 Feb 2020 02:02:03 GMT',
  "If-None-Match: TAG\r\nIf-Modified-Since: Sun, 02 Feb 2020 02:02:01 GMT",
  "If-Match: TAG\r\nIf-Unmodified-Since: Sun, 02 Feb 2020 02:02:01 GMT",
  'If-Match: "a"\r\nIf-None-Match: TAG',
  "If-Range: TAG",
  "If-Range: W/TAG",
  'If-Range: "a"',
  "If-Range: Sun, 02 Feb 2020 02:02:02 GMT",
  "If-Range: Sun, 02 Feb 2020 02:02:03 GMT",
];

const RANGES = [
  "",
  "bytes=0-0",
  "bytes=100-199",
  "bytes=4990-6000",
  "bytes=-7",
  "bytes=-6000",
  "bytes=0-",
  "bytes=5000-",
  "bytes=5000-6000",
  "bytes=18446744073709551615-18446744073709551616",
  "bytes=-0",
  "bytes=9-3",
  "bytes=",
  "bytes=x",
  "lines=0-1",
  "BYTES=0-1",
  "bytes=0-99,200-299",
  "bytes=200-299,0-99",
  "bytes=0-99,50-149",
  "bytes=0-99,100-149",
  "bytes=0-0,6000-",
  "bytes=0-0,9-3",
  "bytes=5000-,6000-",
];

interface Request {
  readonly method: "GET" | "HEAD";
  readonly file: "file.txt" | "empty.txt";
  readonly condition: string;
  readonly range: string;
}

function* requests(): Iterable<Request> {
  for (const file of ["file.txt", "empty.txt"] as const)
    for (const method of ["GET", "HEAD"] as const)
      for (const condition of CONDITIONS)
        for (const range of RANGES)
          if (range === "" || condition === "" || file === "file.txt")
            yield { method, file, condition, range };
}

interface Difference {
  readonly by: readonly JudgeName[];
  readonly where: (request: Request) => boolean;
  readonly why: string;
}

const isIn = (value: string, ...parts: string[]): boolean => parts.some((part) => value.includes(part));

const DIFFERENCES: readonly Difference[] = [
  {
    by: ["nginx"],
    where: ({ condition }) => condition === "If-Modified-Since: Sun, 02 Feb 2020 02:02:03 GMT",
    why: "nginx wants the exact date, by its default; RFC 9110 §13.1.3 asks whether the file is newer",
  },
  {
    by: ["nginx"],
    where: ({ condition }) => condition.startsWith("If-None-Match: TAG\r\nIf-Modified-Since"),
    why: "nginx wants both to hold; RFC 9110 §13.1.3 ignores If-Modified-Since beside If-None-Match",
  },
  {
    by: ["nginx"],
    where: ({ condition }) => condition.startsWith("If-Match: TAG\r\nIf-Unmodified-Since"),
    why: "nginx wants both to hold; RFC 9110 §13.1.4 ignores If-Unmodified-Since beside If-Match",
  },
  {
    by: ["nginx"],
    where: ({ condition }) => condition === "If-Unmodified-Since: never",
    why: "nginx takes what is no date for one that has not been kept; RFC 9110 §13.1.4 ignores it",
  },
  {
    by: ["nginx"],
    where: ({ method, range }) => method === "HEAD" && range !== "",
    why: "nginx reads Range with HEAD as well; RFC 9110 §14.2 ignores it for other methods than GET",
  },
  {
    by: ["nginx"],
    where: ({ range }) => ["bytes=0-99,50-149", "bytes=0-99,100-149"].includes(range),
    why: "nginx sends overlapping and adjacent ranges as they are; RFC 9110 §15.3.7.2 allows to send one",
  },
  {
    by: ["lighttpd"],
    where: ({ condition }) => isIn(condition, "If-Match", "If-Unmodified-Since"),
    why: "lighttpd does not know these two fields",
  },
  {
    by: ["lighttpd"],
    where: ({ condition, range }) => condition === "If-None-Match: W/TAG" && range !== "",
    why: "lighttpd compares strongly beside a Range; RFC 9110 §13.1.2 asks for the weak comparison",
  },
  {
    by: ["lighttpd"],
    where: ({ range }) => isIn(range, "bytes=5000-", "bytes=1844", "bytes=-0"),
    why: "lighttpd does not tell the length with 416; RFC 9110 §15.5.17 says that a server should",
  },
  {
    by: ["nginx", "lighttpd"],
    where: ({ range }) => ["bytes=9-3", "bytes=", "bytes=x", "bytes=0-0,9-3"].includes(range),
    why: "they refuse what is malformed, or leave it out of a list; RFC 9110 §14.2 allows to ignore or to refuse it",
  },
  {
    by: ["nginx", "lighttpd"],
    where: ({ file, range }) => file === "empty.txt" && range !== "",
    why: "they ignore ranges of an empty file; by RFC 9110 §14.1.2 none of them but a suffix can be satisfied",
  },
];

/** What can be compared: other servers have other boundaries, tags and error pages. */
function essence(response: RawResponse): string {
  const type = response.get("content-type") ?? "";
  if (response.status === 206 && type.startsWith("multipart/")) {
    if (response.body.length === 0) return "206 several";
    // lighttpd has no line end before the first boundary.
    const isBare = response.body.toString("latin1", 0, 2) === "--";
    const parts = parseParts(
      isBare ? Buffer.concat([Buffer.from("\r\n"), response.body]) : response.body,
      type,
    );
    return `206 ${parts.map(({ range, body }) => `${range} ${body}`).join("; ")}`;
  }
  const range = response.get("content-range") ?? "";
  return `${response.status} ${range} ${response.status < 300 ? response.body.toString("latin1") : ""}`;
}

/** Many on one connection; a server that closes it after one of them is asked for the rest on another. */
async function askAll(
  target: number | string,
  all: readonly Request[],
  tags: ReadonlyMap<string, string>,
): Promise<RawResponse[]> {
  const answers: RawResponse[] = [];
  while (answers.length < all.length) {
    const some = all.slice(answers.length, answers.length + 50);
    const text = some.map((request, index) => asText(request, tags, index === some.length - 1));
    const bytes = await exchange(target, text.join(""));
    const methods = some.map(({ method }) => method);
    const got = parseResponses(bytes, methods).filter(({ isComplete }) => isComplete);
    assert.notEqual(got.length, 0, JSON.stringify(some[0]));
    answers.push(...got);
  }
  return answers;
}

function asText(
  { method, file, condition, range }: Request,
  tags: ReadonlyMap<string, string>,
  isLast: boolean,
): string {
  const fields = ["Host: x", condition.replaceAll("TAG", tags.get(file) ?? ""), range && `Range: ${range}`];
  if (isLast) fields.push("Connection: close");
  return `${method} /${file} HTTP/1.1\r\n${fields.filter((field) => field !== "").join("\r\n")}\r\n\r\n`;
}

async function tagsOf(target: number | string): Promise<Map<string, string>> {
  const plain = (["file.txt", "empty.txt"] as const).map((file): Request => ({
    method: "GET",
    file,
    condition: "",
    range: "",
  }));
  const answers = await askAll(target, plain, new Map());
  return new Map(answers.map((answer, i) => [plain[i]!.file, answer.get("etag")!]));
}

for (const name of ["nginx", "lighttpd"] as const) {
  describe(`${name} and htbin`, { skip: withoutJudge(name) }, () => {
    it("send the same for every combination of conditions and ranges, but for the differences that are meant", async () => {
      await using judge = await startJudge(name, root, scratch.path);
      const all = [...requests()];
      const own = await askAll(site.port, all, await tagsOf(site.port));
      const theirs = await askAll(judge.socket, all, await tagsOf(judge.socket));
      const used = new Set<Difference>();
      const unexplained: string[] = [];
      for (const [i, request] of all.entries()) {
        const [a, b] = [essence(own[i]!), essence(theirs[i]!)];
        if (a === b) continue;
        const known = DIFFERENCES.find(({ by, where }) => by.includes(name) && where(request));
        if (known !== undefined) used.add(known);
        else
          unexplained.push(`${JSON.stringify(request)}: htbin ${a.slice(0, 60)}, ${name} ${b.slice(0, 60)}`);
      }
      assert.equal(unexplained.length, 0, unexplained.join("\n"));
      for (const known of DIFFERENCES.filter(({ by }) => by.includes(name)))
        assert.ok(used.has(known), `a difference that is none any more: ${known.why}`);
    });
  });
}
