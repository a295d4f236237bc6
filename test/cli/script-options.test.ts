import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { parseCommandLine } from "../../src/cli/options.ts";
import type { ServeOptions } from "../../src/cli/serve-options.ts";

function options(...argv: string[]): ServeOptions {
  const line = parseCommandLine(argv);
  assert.ok(line.kind === "serve", line.kind === "usage" ? line.message : line.kind);
  return line.options;
}

function usage(...argv: string[]): string {
  const line = parseCommandLine(argv);
  assert.ok(line.kind === "usage", JSON.stringify(line));
  return line.message;
}

describe("the options about scripts", () => {
  it("read directories, with or without their slashes", () => {
    assert.deepEqual(options("--cgi-dir", "tools", "--cgi-dir=/a/b/"), {
      cgiDirectories: ["/tools", "/a/b"],
    });
  });

  it("read mounts, their variables and how they take bodies, in any order", () => {
    const expected = {
      cgiMounts: {
        "/git": {
          program: "/usr/lib/git-http-backend",
          environment: { GIT_PROJECT_ROOT: "/srv/a=b:c", GIT_HTTP_EXPORT_ALL: "" },
          requestBody: "stream",
        },
        "/": { program: "/usr/bin/all" },
      },
    };
    const words = [
      "--cgi-mount=/git=/usr/lib/git-http-backend",
      "--cgi-env=/git:GIT_PROJECT_ROOT=/srv/a=b:c",
      "--cgi-env=/git/:GIT_HTTP_EXPORT_ALL=",
      "--cgi-stream=/git",
      "--cgi-mount=/=/usr/bin/all",
    ];
    assert.deepEqual(options(...words), expected);
    assert.deepEqual(options(...words.toReversed()), expected);
  });

  it("read interpreters with their arguments, or none", () => {
    const read = options(
      "--cgi-interpreter",
      ".php=php-cgi -d a=b",
      "--cgi-interpreter",
      "PY=python3",
      "--cgi-interpreter=.cgi=",
    );
    assert.deepEqual(read, {
      cgiInterpreters: { ".php": ["php-cgi", "-d", "a=b"], ".py": ["python3"], ".cgi": [] },
    });
  });

  it("read variables, empty ones too, and names to pass on", () => {
    assert.deepEqual(
      options(
        "--cgi",
        "--cgi-env",
        "A=b=c",
        "--cgi-env",
        "EMPTY=",
        "--cgi-pass-env",
        "HOME",
        "--cgi-pass-auth",
      ),
      {
        cgi: true,
        cgiEnvironment: { A: "b=c", EMPTY: "" },
        cgiPassEnvironment: ["HOME"],
        cgiPassAuthorization: true,
      },
    );
  });

  it("say what is wrong in one sentence that says what to do", () => {
    for (const [words, message] of [
      [["--cgi-mount", "/git"], /names no program; write --cgi-mount \/git=/],
      [["--cgi-mount", "/git="], /names no program/],
      [["--cgi-mount=/a=/b", "--cgi-mount=/a=/c"], /"\/a" is there twice/],
      [["--cgi-mount", ".php=/x"], /is no path; for files .* write --cgi-interpreter \.php=\/x/],
      [["--cgi-env", "/git:A=b"], /--cgi-mount has no program for "\/git"; write --cgi-mount \/git=/],
      [["--cgi-stream", "/git"], /has no program for "\/git"/],
      [["--cgi", "--cgi-env", "A"], /is no variable; write --cgi-env NAME=VALUE/],
      [["--cgi", "--cgi-env", "A-B=c"], /"A-B" is no name of a variable/],
      [["--cgi", "--cgi-pass-env", "A=b"], /"A=b" is no name of a variable/],
      [["--cgi-interpreter", ".php"], /names no program; write --cgi-interpreter .php=php-cgi/],
      [["--cgi-interpreter", ".a/b=c"], /is no extension/],
      [["--cgi-dir", "../x"], /is no path/],
      [["--cgi-env", "A=b"], /--cgi-env is for CGI scripts; add --cgi/],
      [["--cgi-pass-auth"], /--cgi-pass-auth is for CGI scripts; add --cgi/],
    ] as const) {
      const text = usage(...words);
      assert.match(text, message);
      assert.match(text, /\.$/);
    }
  });
});
