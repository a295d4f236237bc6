// The documents against the sources, the classes and the tests: no name is missing, and none is made up.

import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Duplex } from "node:stream";
import * as htbin from "htbin";
import { longNames } from "../src/cli/option-row.ts";
import { OPTION_TABLE } from "../src/cli/option-table.ts";

const root = join(import.meta.dirname, "..", "..");
const map = read("docs/python.md");

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Each class, attribute, method, function and option that the specification names, by section of the map. */
const SPECIFIED: Readonly<Record<string, readonly string[]>> = {
  Module: [
    "HTTPServer",
    "ThreadingHTTPServer",
    "socketserver.TCPServer",
    "BaseHTTPRequestHandler",
    "SimpleHTTPRequestHandler",
    "CGIHTTPRequestHandler",
    "http.client.HTTPMessage",
    "test",
  ],
  "HTTPServer and ThreadingHTTPServer": [
    "HTTPServer",
    "server_address",
    "server_name",
    "server_port",
    "RequestHandlerClass",
    "serve_forever",
  ],
  BaseHTTPRequestHandler: [
    "BaseHTTPRequestHandler",
    "client_address",
    "server",
    "close_connection",
    "requestline",
    "command",
    "path",
    "request_version",
    "headers",
    "rfile",
    "wfile",
    "server_version",
    "sys_version",
    "error_message_format",
    "error_content_type",
    "protocol_version",
    "MessageClass",
    "responses",
    "handle",
    "handle_one_request",
    "do_SPAM",
    "handle_expect_100",
    "send_error",
    "send_response",
    "send_header",
    "send_response_only",
    "end_headers",
    "flush_headers",
    "log_request",
    "log_error",
    "log_message",
    "version_string",
    "date_time_string",
    "log_date_time_string",
    "address_string",
  ],
  SimpleHTTPRequestHandler: [
    "SimpleHTTPRequestHandler",
    "server_version",
    "extensions_map",
    "directory",
    "do_HEAD",
    "do_GET",
    "list_directory",
    "guess_type",
  ],
  CGIHTTPRequestHandler: ["CGIHTTPRequestHandler", "cgi_directories", "do_POST", "do_GET", "do_HEAD"],
  "Command line": ["python -m http.server", "port", "-b", "--bind", "-d", "--directory", "--cgi"],
};

/** What has a name of its own in htbin, and not the one that the rule of spelling makes of Python's. */
const RENAMED: Readonly<Record<string, string>> = {
  test: "serve",
  "socketserver.TCPServer": "TCPServer",
  "http.client.HTTPMessage": "HTTPMessage",
  do_SPAM: "do_GET",
  "python -m http.server": "htbin",
  "-b": "--bind",
  "-d": "--directory",
};

interface Row {
  /** The names in the first cell. */
  readonly python: readonly string[];
  readonly htbin: string;
  readonly remark: string;
  readonly line: string;
}

const section = (title: string): string => {
  const start = map.indexOf(`\n## ${title}\n`);
  assert.notEqual(start, -1, `docs/python.md has no section ${title}`);
  const end = map.indexOf("\n## ", start + 1);
  return map.slice(start, end === -1 ? undefined : end);
};

/** The rows of the tables of a section, without their heads. */
function rowsOf(title: string): Row[] {
  const lines = section(title).split("\n");
  return lines
    .filter(
      (line, index) =>
        line.startsWith("| ") && !/^\| -+ /.test(line) && !lines[index + 1]?.startsWith("| ---"),
    )
    .map((line) => {
      const cells = line.split("|").map((cell) => cell.trim());
      const python = [...cells[1]!.matchAll(/`([^`]+)`/g)].flatMap(([, code]) =>
        code!.replace(/\(.*\)$/, "").split(", "),
      );
      return {
        python: python.map((name) => name.replace(/ [A-Z ]+$/, "")),
        htbin: /`([^`]+)`/.exec(cells[2]!)?.[1]?.replace(/\(.*$/, "") ?? cells[2]!,
        remark: cells.at(-2)!,
        line,
      };
    });
}

describe("docs/python.md", () => {
  for (const [title, names] of Object.entries(SPECIFIED)) {
    it(`has a row for every name in the specification: ${title}`, () => {
      const rows = rowsOf(title);
      for (const name of names) {
        const row = rows.find(({ python }) => python.includes(name));
        assert.ok(row !== undefined, `no row for ${name}`);
        if (/^(Base|Simple|CGI)HTTP/.test(name)) continue; // a constructor: the row names what does its work
        assert.equal(row.htbin, RENAMED[name] ?? camelCase(name), row.line);
      }
    });
  }

  it("names only exports that exist", () => {
    for (const { htbin: name, line } of rowsOf("Module")) {
      assert.ok(name in htbin, line);
    }
  });

  it("names only members that exist on the classes", () => {
    const server = new htbin.ThreadingHTTPServer(["127.0.0.1", 0], htbin.BaseHTTPRequestHandler);
    const { BaseHTTPRequestHandler, SimpleHTTPRequestHandler, CGIHTTPRequestHandler } = htbin;
    const handler = (Handler: htbin.RequestHandlerClass): object =>
      new Handler(new htbin.Connection(new Duplex()), ["127.0.0.1", 1], server);
    const objects: [string, object][] = [
      ["BaseHTTPRequestHandler", handler(BaseHTTPRequestHandler)],
      ["SimpleHTTPRequestHandler", handler(SimpleHTTPRequestHandler)],
      ["CGIHTTPRequestHandler", handler(CGIHTTPRequestHandler)],
    ];
    // What every subclass has to define itself.
    const isForSubclasses = (title: string, name: string): boolean =>
      title === "BaseHTTPRequestHandler" && name === "do_GET";
    for (const [title, object] of objects) {
      for (const { htbin: name, line } of rowsOf(title)) {
        assert.ok(name in object || isForSubclasses(title, name), line);
      }
      for (const [, added] of section(title).matchAll(/\bhtbin adds ([\s\S]*?)\n\n/g)) {
        for (const [, name] of added!.matchAll(/`(\w+)(?:\(\))?`/g))
          assert.ok((name ?? "") in object, `${title}: ${name}`);
      }
    }
    for (const { htbin: name, line } of rowsOf("HTTPServer and ThreadingHTTPServer")) {
      if (name === "HTTPServer") continue;
      assert.ok(name === "[Symbol.asyncDispose]" ? Symbol.asyncDispose in server : name in server, line);
    }
  });

  it("names only options that exist, and all that do", () => {
    const known = OPTION_TABLE.flatMap(longNames).map((name) => `--${name}`);
    const text = section("Command line");
    for (const { htbin: name, line } of rowsOf("Command line")) {
      if (name.startsWith("--")) assert.ok(known.includes(name), line);
    }
    for (const name of known) assert.ok(text.includes(name), `${name} is missing`);
  });

  it("leaves no row open: each is the same, different or absent, and says how it differs", () => {
    const titles = [...Object.keys(SPECIFIED), "What the manuals say", "Added to Python later"];
    for (const row of titles.flatMap(rowsOf)) {
      assert.match(row.remark, /^(same\b|different: \S|absent: \S)/, row.line);
      assert.doesNotMatch(row.line, /\b(TODO|TBD|later on|not yet)\b|\?\?\? \|/, row.line);
    }
  });
});

describe("docs/lifecycle.md", () => {
  it("shows every status that the sources send", () => {
    const lifecycle = read("docs/lifecycle.md");
    const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".ts"),
    );
    const sent = new Set<string>();
    for (const path of sources) {
      const code = read(join("src", path));
      for (const [, status] of code.matchAll(
        /(?:HTTPRequestError|sendError|sendResponse(?:Only)?)\((\d{3})\b/g,
      ))
        sent.add(status!);
      if (path === "errors.ts")
        for (const [, status] of code.matchAll(/ERR_\w+: (\d{3}),/g)) sent.add(status!);
    }
    assert.ok(sent.size > 15, "the sources are not written as this test expects");
    for (const status of sent)
      assert.match(lifecycle, new RegExp(`→[^\\n]*\\b${status}\\b`), `${status} is missing`);
  });

  it("names files that exist", () => {
    for (const [, path] of read("docs/lifecycle.md").matchAll(/ (\w[\w/-]*\.ts)\b/g)) {
      assert.ok(read(`src/${path}`).length > 0);
    }
  });
});

describe("docs/supported-http.md", () => {
  const text = read("docs/supported-http.md");
  const directory = "test/conformance";
  const numbersIn = (words: string): Set<number> =>
    new Set([...words.matchAll(/\bhttp (\d+)\b/g)].map(([, number]) => Number(number)));

  it("cites every rule that has a test, and there is a test for each of the 87", () => {
    const tests = readdirSync(join(root, directory)).filter((name) => name.endsWith(".test.ts"));
    const code = tests.map((file) => read(join(directory, file))).join("\n");
    const names = Array.from(code.matchAll(/\bit\(\s*["`](.*)["`],/g), ([, name]) => name!);
    const tested = numbersIn(names.map((name) => /^http \d+:/.exec(name)?.[0] ?? "").join(" "));
    const all = Array.from({ length: 87 }, (_, index) => index + 1);
    assert.deepEqual(
      all.filter((number) => !tested.has(number)),
      [],
      "without a test",
    );
    const cited = numbersIn(text);
    assert.deepEqual(
      all.filter((number) => !cited.has(number)),
      [],
      "not cited",
    );
    assert.ok([...cited].every((number) => tested.has(number)));
  });

  it("names only files of tests that exist, and says of every section what is done", () => {
    const rows = text.split("\n").filter((line) => line.startsWith("| §"));
    assert.ok(rows.length > 70);
    for (const row of rows) {
      const [, , does, tests] = row.split("|").map((cell) => cell.trim());
      assert.match(does!, /^(done|refused|not yet|not done)\b/, row);
      if (does!.startsWith("done")) assert.notEqual(tests, "", row);
      for (const [, name] of tests!.matchAll(/`([^`]+\.(?:txt|ts))`/g)) {
        const path = name!.endsWith(".txt") ? join(directory, "corpus", name!) : name!;
        assert.ok(read(path).length > 0);
      }
    }
  });
});

describe("docs/security.md", () => {
  const protections = read("docs/security.md")
    .split("## What htbin does not protect from")[0]!
    .split(/^(?=\d+\. )/m)
    .slice(1);

  it("numbers its protections from 1, without a gap", () => {
    const numbers = protections.map((text) => Number.parseInt(text, 10));
    assert.ok(numbers.length > 20, "the page is not written as this test expects");
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
  });

  it("names for each a test, and none that does not exist in that file", () => {
    for (const protection of protections) {
      const [title] = protection.split("\n");
      const cited = [...protection.matchAll(/^ +- (\S+): “(.+)”$/gm)];
      assert.ok(cited.length > 0, `no test: ${title}`);
      assert.equal(cited.length, protection.match(/^ +- /gm)?.length, `a test in another form: ${title}`);
      for (const [, file, name] of cited) {
        const isThere = [`"${name}"`, `'${name}'`].some((literal) => read(file!).includes(literal));
        assert.ok(isThere, `${file} has no test “${name}”`);
      }
    }
  });
});

describe("the links in the documents", () => {
  for (const document of [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "test/conformance/corpus/README.md",
    ...readdirSync(join(root, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => join("docs", name)),
  ]) {
    it(`lead somewhere: ${document}`, () => {
      for (const [, target] of read(document).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target!)) continue;
        const [path = "", anchor] = target!.split("#");
        const file = path === "" ? document : join(document, "..", path);
        assert.doesNotThrow(() => readOrList(file), target);
        if (anchor !== undefined) assert.ok(anchorsIn(file).has(anchor), target);
      }
    });
  }
});

function anchorsIn(document: string): Set<string> {
  return new Set([...read(document).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1]!)));
}

function readOrList(path: string): unknown {
  return path.endsWith("/") ? readdirSync(join(root, path)) : read(path);
}

/** As GitHub makes an anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}

/** `log_date_time_string` → `logDateTimeString`; `do_GET` stays, and so does all without an underscore. */
function camelCase(name: string): string {
  if (name.startsWith("do_")) return name;
  return name.replace(/_(\w)/g, (_underscore, letter: string) => letter.toUpperCase());
}

describe("docs/limits.md", () => {
  const rows = [...read("docs/limits.md").matchAll(/^\| `(\w+)` \| ([^|]+) \|.*\| ([^|]*)\|$/gm)].map(
    ([, name, value, option]) => ({ name: name!, value: value!.trim(), option: option!.trim() }),
  );

  it("has every limit, with its default", () => {
    const written = rows.map(({ name, value }) => [
      name,
      value === "none" ? Infinity : Number(value.replaceAll(" ", "")),
    ]);
    assert.deepEqual(Object.fromEntries(written), { ...htbin.DEFAULT_LIMITS });
  });

  it("names options that the command line has, and all of them", () => {
    const named = new Set(rows.flatMap(({ option }) => option.match(/--[\w-]+/g) ?? []));
    const known = OPTION_TABLE.filter((row) => row.group === "Limits").map((row) => `--${row.name}`);
    assert.deepEqual([...named].sort(), known.sort());
  });
});
