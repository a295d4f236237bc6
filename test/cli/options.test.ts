import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { parseCommandLine } from "../../src/cli/options.ts";
import type { ServeOptions } from "../../src/cli/serve-options.ts";

/** The options that a command line stands for. */
function options(...argv: string[]): ServeOptions {
  const parsed = parseCommandLine(argv);
  assert.equal(parsed.kind, "serve", JSON.stringify(parsed));
  return (parsed as { options: ServeOptions }).options;
}

/** The sentence that a wrong command line is answered with. */
function usage(argv: readonly string[], env: Record<string, string> = {}): string {
  const parsed = parseCommandLine(argv, env);
  assert.equal(parsed.kind, "usage", `${argv.join(" ")}: ${JSON.stringify(parsed)}`);
  const { message } = parsed as { message: string };
  assert.match(message, /^[^\n]*[.?]$/, "one line that ends like a sentence");
  return message;
}

describe("parseCommandLine: port and directory", () => {
  it("says nothing of what was not said, so that serve() has the defaults", () => {
    assert.deepEqual(options(), {});
  });

  it("takes a word of digits as the port and any other word as the directory, in either order", () => {
    assert.deepEqual(options("8080"), { port: 8080 });
    assert.deepEqual(options("dist"), { directory: "dist" });
    assert.deepEqual(options("0", "dist"), { port: 0, directory: "dist" });
    assert.deepEqual(options("dist", "65535"), { port: 65535, directory: "dist" });
    assert.deepEqual(options("./2024"), { directory: "./2024" });
  });

  it("takes words behind -- as they are", () => {
    assert.deepEqual(options("--", "-q"), { directory: "-q" });
    assert.deepEqual(options("--", "-H"), { directory: "-H" });
  });

  it("refuses a port that is out of range", () => {
    assert.match(usage(["65536"]), /port 65536 is out of range; choose/);
    assert.match(usage(["99999999999999999999"]), /out of range/);
    assert.match(usage(["-1"]), /port -1 is out of range/);
  });

  it("refuses two ports, two directories and an empty word", () => {
    assert.match(usage(["8000", "2024"]), /8000 and 2024 are two ports; .*\.\/2024/);
    assert.match(usage(["a", "b"]), /"a" and "b" are two folders; give one/);
    assert.match(usage(["-d", "a", "b"]), /"a" and "b" are two folders/);
    assert.match(usage([""]), /an empty word/);
    assert.match(usage(["serve", "a"]), /two folders; give one \(there is no such command/);
  });

  it("falls back to PORT, which an explicit port or socket overrules", () => {
    assert.deepEqual(parseCommandLine([], { PORT: "3000" }), { kind: "serve", options: { port: 3000 } });
    assert.deepEqual(parseCommandLine(["80"], { PORT: "3000" }), { kind: "serve", options: { port: 80 } });
    assert.deepEqual(parseCommandLine(["80"], { PORT: "junk" }), { kind: "serve", options: { port: 80 } });
    assert.deepEqual(parseCommandLine(["--unix", "s"], { PORT: "3000" }), {
      kind: "serve",
      options: { unix: "s" },
    });
    assert.deepEqual(parseCommandLine([], { PORT: "" }), { kind: "serve", options: {} });
  });

  it("refuses a PORT that is none", () => {
    assert.match(usage([], { PORT: "http" }), /PORT="http".*number from 0 to 65535/);
    assert.match(usage([], { PORT: "65536" }), /PORT="65536"/);
  });
});

describe("parseCommandLine: limits", () => {
  it("puts them together, in the units of ServerLimits", () => {
    assert.deepEqual(options("--max-body", "1M", "--max-connections=10", "--timeout", "5", "--grace", "0"), {
      limits: {
        body: 1_048_576,
        connections: 10,
        headTime: 5_000,
        idleTime: 5_000,
        bodyTime: 5_000,
        writeTime: 5_000,
        shutdownTime: 0,
      },
    });
  });

  it("--timeout gives a head no more time than it has by default", () => {
    assert.equal(options("--timeout", "600").limits?.headTime, 30_000);
  });

  it("refuses what is none, in one sentence", () => {
    assert.match(usage(["--max-body", "lots"]), /^--max-body "lots" is no size; write/);
    assert.match(usage(["--cache-memory=-1"]), /^--cache-memory "-1" is no size; write/);
    assert.match(usage(["--max-connections", "0"]), /^--max-connections "0" is no number/);
    assert.match(usage(["--timeout", "1m"]), /^--timeout "1m" is no time; write seconds/);
    assert.match(usage(["--grace"]), /^--grace needs a value; write --grace SECONDS/);
  });
});

describe("parseCommandLine: options", () => {
  it("knows each option by each of its names", () => {
    for (const words of [["-b", "::1"], ["-b::1"], ["--bind", "::1"], ["--bind=::1"], ["--host", "::1"]]) {
      assert.deepEqual(options(...words), { bind: "::1" }, words.join(" "));
    }
    for (const words of [["-d", "x"], ["--directory", "x"], ["-dx"]]) {
      assert.deepEqual(options(...words), { directory: "x" });
    }
    assert.deepEqual(options("-p", "HTTP/1.0"), { protocol: "HTTP/1.0" });
    assert.deepEqual(options("--protocol=HTTP/1.1"), { protocol: "HTTP/1.1" });
    assert.deepEqual(options("--cgi", "--cgi-user", "www-data"), { cgi: true, cgiUser: "www-data" });
    assert.deepEqual(options("--content-type", "text/plain"), { contentType: "text/plain" });
    assert.deepEqual(options("--unix", "/run/s"), { unix: "/run/s" });
    assert.deepEqual(options("--dotfiles", "--follow-symlinks"), { dotfiles: true, followSymlinks: true });
    assert.deepEqual(options("--no-compress"), { compress: false });
    assert.deepEqual(options("--cache-memory", "16M"), { cacheMemory: 2 ** 24 });
    assert.deepEqual(options("--cache-memory=0"), { cacheMemory: 0 });
    assert.deepEqual(options("-q"), { quiet: true });
    assert.deepEqual(options("--quiet"), { quiet: true });
  });

  it("takes options before, between and behind the words", () => {
    const all = { port: 80, directory: "www", cgi: true, bind: "127.0.0.1" };
    assert.deepEqual(options("--cgi", "80", "-b", "127.0.0.1", "www"), all);
    assert.deepEqual(options("80", "www", "--cgi", "-b", "127.0.0.1"), all);
  });

  it("lets the last of a repeated option count", () => {
    assert.deepEqual(options("-b", "::1", "-b", "127.0.0.1"), { bind: "127.0.0.1" });
  });

  it("takes an IPv6 address as a URL spells it, and an empty address as every interface", () => {
    assert.deepEqual(options("-b", "[::1]"), { bind: "::1" });
    assert.deepEqual(options("-b", ""), { bind: "" });
  });

  it("refuses an address with a port in it", () => {
    assert.match(usage(["-b", "127.0.0.1:80"]), /holds a port; write the address alone, and the port \(80\)/);
    assert.match(usage(["-b", "http://x"]), /is no address/);
  });

  it("speaks HTTP/1.0 and HTTP/1.1 only", () => {
    for (const version of ["HTTP/2", "HTTP/0.9", "http/1.1", "1.1", ""]) {
      assert.match(usage(["-p", version]), /choose HTTP\/1\.0 or HTTP\/1\.1/);
    }
  });

  it("tells whoever means the port by -p where the port stands", () => {
    assert.match(usage(["-p", "8080"]), /-p is the protocol; .*htbin 8080/);
    assert.match(usage(["-p8080"]), /htbin 8080/);
    assert.match(usage(["--port", "8080"]), /no option --port; .*htbin 8080/);
  });

  it("refuses a missing value, also where another option follows", () => {
    for (const words of [
      ["-d"],
      ["--directory"],
      ["-b"],
      ["--unix"],
      ["-p"],
      ["--cgi-user"],
      ["--content-type"],
    ]) {
      assert.match(usage(words), /needs a value; write/, words.join(" "));
    }
    assert.match(usage(["-d", "-q"]), /-d needs a value; write -d DIR/);
    assert.deepEqual(options("--directory=-q"), { directory: "-q" });
  });

  it("refuses an empty value", () => {
    for (const name of ["-d", "--unix", "--cgi-user", "--content-type"]) {
      assert.match(usage([name, "", "--cgi"]), /is empty; give it a value/, name);
    }
  });

  it("refuses a value for an option that has none", () => {
    assert.match(usage(["--cgi=yes"]), /--cgi takes no value/);
  });

  it("suggests the option that was meant", () => {
    assert.match(usage(["--direcotry", "x"]), /no option --direcotry; did you mean --directory\?/);
    assert.match(usage(["--dir", "x"]), /did you mean --directory\?/);
    assert.match(usage(["--hots", "x"]), /did you mean --host\?/);
    assert.match(usage(["-quiet"]), /no option -quiet; did you mean --quiet\?/);
    assert.match(usage(["-s=app.html"]), /^-s is written without =; write --single=app\.html\.$/);
    assert.match(usage(["-d=site"]), /write --directory=site\.$/);
    assert.match(usage(["-b=127.0.0.1"]), /write --bind=127\.0\.0\.1\.$/);
    assert.match(usage(["--frobnicate"]), /no option --frobnicate; htbin --help lists them all\./);
    assert.match(usage(["-x"]), /no option -x; htbin --help/);
    assert.match(usage(["--q"]), /no option --q; /);
    assert.match(usage(["--H", "X", "1"]), /no option --H; /);
  });

  it("makes control characters in a wrong word visible", () => {
    assert.match(usage(["--a\u001b[31m\n"]), /--a\\x1b\[31m\\x0a/);
  });

  it("refuses options that exclude or need each other", () => {
    assert.match(usage(["--unix", "s", "80"]), /--unix and port exclude each other/);
    assert.match(usage(["--unix", "s", "-b", "::1"]), /--unix and --bind exclude each other/);
    assert.match(usage(["--cgi-user", "www"]), /--cgi-user is for CGI scripts; add --cgi/);
  });
});

describe("parseCommandLine: -H", () => {
  it("takes a name and a value, or a field in one word", () => {
    const headers = [["X-A", "1"]];
    for (const words of [
      ["-H", "X-A", "1"],
      ["--header", "X-A", "1"],
      ["--header=X-A", "1"],
      ["-HX-A", "1"],
      ["-H", "X-A: 1"],
      ["-H", "X-A:1"],
      ["-HX-A: 1"],
      ["--header=X-A: 1"],
      ["--header", "X-A:", "1"],
      ["-HX-A:", "1"],
    ]) {
      assert.deepEqual(options(...words), { headers }, words.join(" "));
    }
  });

  it("may be repeated and keeps the order", () => {
    assert.deepEqual(options("-H", "B", "2", "8000", "-H", "A: 1", "-H", "B", "3"), {
      port: 8000,
      headers: [
        ["B", "2"],
        ["A", "1"],
        ["B", "3"],
      ],
    });
  });

  it("takes a value that holds colons, blanks, or begins with a hyphen, or is empty", () => {
    assert.deepEqual(options("-H", "X", "a: b").headers, [["X", "a: b"]]);
    assert.deepEqual(options("-H", "X: http://a/b").headers, [["X", "http://a/b"]]);
    assert.deepEqual(options("-H", "X", "-1").headers, [["X", "-1"]]);
    assert.deepEqual(options("-H", "X", "").headers, [["X", ""]]);
    assert.deepEqual(options("-H", "X:").headers, [["X", ""]]);
  });

  it("may stand behind other letters, and is no option where it is a value", () => {
    assert.deepEqual(options("-qH", "X", "1"), { quiet: true, headers: [["X", "1"]] });
    assert.deepEqual(options("-dH", "80"), { directory: "H", port: 80 });
  });

  it("refuses half a header", () => {
    for (const words of [["-H"], ["-H", "X"], ["-H", "X", "-q"], ["-H", "--cgi"], ["--header=X"], ["-HX"]]) {
      assert.match(usage(words), /-H needs a name and a value/, words.join(" "));
    }
  });

  it("refuses a name that is no token (RFC 9110 §5.1)", () => {
    for (const name of ["X A", "", "X\n", "Ä", "X "]) {
      assert.match(usage(["-H", name, "1"]), /is no header name/, JSON.stringify(name));
    }
  });

  it("refuses a value that would split the response or that Latin-1 cannot hold (RFC 9110 §5.5)", () => {
    for (const value of ["a\r\nSet-Cookie: x", "a\nb", "a\rb", "a\0b", "€"]) {
      assert.match(usage(["-H", "X", value]), /no header value can hold/, JSON.stringify(value));
    }
    assert.match(usage(["--content-type", "text/plain\r\nX: y"]), /no header value can hold/);
  });

  it("refuses the fields that frame a message (RFC 9112 §6)", () => {
    assert.match(usage(["-H", "content-length", "1"]), /htbin frames its answers itself/);
    assert.match(usage(["-H", "Transfer-Encoding: chunked"]), /htbin frames its answers itself/);
  });
});

describe("parseCommandLine: help and version", () => {
  it("answers -h and --help with the help text, whatever else is wrong", () => {
    for (const words of [["-h"], ["--help"], ["--frobnicate", "-h"], ["-qh"], ["99999", "--help"]]) {
      assert.equal(parseCommandLine(words).kind, "help", words.join(" "));
    }
  });

  it("answers -v and --version with name and version", () => {
    for (const words of [["-v"], ["--version"]]) {
      const parsed = parseCommandLine(words);
      assert.equal(parsed.kind, "version");
      assert.match((parsed as { text: string }).text, /^htbin \d+\.\d+\.\d+\S*\n$/);
    }
  });
});
