// Rows 53–66 of the behaviour that the original's own test suite asserts: CGIHTTPRequestHandler on a real socket.
// Where htbin differs on purpose the name says so, and docs/python.md gives the reason.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { collapseUrlPath } from "../../src/cgi/script-path.ts";
import { get, parseResponse, post, type Response, type Site, startSite } from "./running-site.ts";
import { put, putScript } from "./temporary-directory.ts";

const onWindows =
  process.platform === "win32" ? "scripts are started by #!, which Windows does not know" : false;

const HELLO = "#!/bin/sh\nprintf 'Content-Type: text/html\\n\\n'\necho 'Hello World'\n";
const print = (what: string): string => `#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n${what}\n`;

/** The folder of the original's tests. */
async function serve(t: TestContext): Promise<Site> {
  const site = await startSite(t, { cgiDirectories: ["/cgi-bin", "/htbin", "/sub/dir/cgi-bin"] });
  putScript(site.root, "nocgi.py", "print('never run')\n");
  putScript(site.root, "cgi-bin/file1.sh", HELLO);
  putScript(site.root, "cgi-bin/file2.sh", print("cat"));
  putScript(site.root, "cgi-bin/file4.sh", print('printf "%s" "$QUERY_STRING"'));
  putScript(site.root, "cgi-bin/file6.sh", print("env"));
  putScript(site.root, "cgi-bin/child-dir/file3.sh", HELLO);
  putScript(site.root, "sub/dir/cgi-bin/file5.sh", HELLO);
  put(site.root, "a.txt", "a");
  return site;
}

async function ask(site: Site, target: string, fields = ""): Promise<Response> {
  return parseResponse(await site.exchange(get(target, fields)));
}

async function greets(site: Site, target: string, fields = ""): Promise<void> {
  const { status, head, body } = await ask(site, target, fields);
  assert.equal(status, 200, head);
  assert.match(head, /^Content-Type: text\/html\r?$/im);
  assert.equal(body, "Hello World\n");
}

describe("row 53: paths are collapsed", () => {
  const TABLE: [path: string, collapsed: string][] = [
    ["", "/"],
    ["/", "/"],
    ["//", "/"],
    ["/.//", "/"],
    ["/\\", "/\\"],
    ["cgi-bin/file1.py", "/cgi-bin/file1.py"],
    ["/cgi-bin/file1.py", "/cgi-bin/file1.py"],
    ["a", "/a"],
    ["/a", "/a"],
    ["//a", "/a"],
    ["./a", "/a"],
    ["./C:/", "/C:/"],
    ["/a/b", "/a/b"],
    ["/a/b/", "/a/b/"],
    ["/a/b/.", "/a/b/"],
    ["/a/b/c/..", "/a/b/"],
    ["/a/b/c/../d", "/a/b/d"],
    ["/a/b/c/../d/e/../f", "/a/b/d/f"],
    ["/a/b/c/../d/e/../../f", "/a/b/f"],
    ["/a/b/c/../d/e/.././././..//f", "/a/b/f"],
    ["/a/b/c/../d/e/../../../f", "/a/f"],
    ["/a/b/c/../d/e/../../../../f", "/f"],
  ];
  /** Whoever looks for a file skips the empty segments. */
  const collapse = (path: string): string => {
    const segments = collapseUrlPath(path);
    const names = segments.filter((segment) => segment !== "");
    return `/${names.join("/")}${segments.at(-1) === "" && names.length > 0 ? "/" : ""}`;
  };
  for (const [path, collapsed] of TABLE) {
    it(`row 53: '${path}' is ${collapsed}`, () => assert.equal(collapse(path), collapsed));
  }

  for (const path of ["..", "/.//..", "/a/b/c/../d/e/../../../../../f"]) {
    it(`row 53, differs: '${path}', over which the original falls, stays in the root`, () => {
      assert.match(collapse(path), /^\/f?$/);
    });
  }
});

describe("rows 54–66: CGIHTTPRequestHandler", { skip: onWindows }, () => {
  it("row 54: a script's type and body arrive with 200", async (t) => {
    await greets(await serve(t), "/cgi-bin/file1.sh");
  });

  it("row 55: slashes and dots never lead into a CGI directory by the back door", async (t) => {
    const { status } = await ask(await serve(t), "///////////nocgi.py/../cgi-bin/nothere.sh");
    assert.equal(status, 404);
  });

  it("row 56: a form that is posted reaches the script", async (t) => {
    const site = await serve(t);
    const form = "spam=1&eggs=python&bacon=123456";
    const fields = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert.equal(parseResponse(await site.exchange(post("/cgi-bin/file2.sh", form, fields))).body, form);
  });

  it("row 57: a script that is not there is 404", async (t) => {
    assert.equal((await ask(await serve(t), "/cgi-bin/invalid")).status, 404);
  });

  it("row 58: a request with Authorization is served", async (t) => {
    await greets(await serve(t), "/cgi-bin/file1.sh", "Authorization: Basic dXNlcjpwYXNz\r\n");
  });

  it("row 59, differs: a target without leading slash is 400", async (t) => {
    assert.equal((await ask(await serve(t), "cgi-bin/file1.sh")).status, 400);
  });

  it("row 60: the server's own environment stays as it was", async (t) => {
    const before = { ...process.env };
    await greets(await serve(t), "/cgi-bin/file1.sh");
    assert.deepEqual({ ...process.env }, before);
  });

  it("row 61, differs: an encoded slash is no way to a script, and never shows its source", async (t) => {
    const { status, body } = await ask(await serve(t), "/cgi-bin%2ffile1.sh");
    assert.equal(status, 404);
    assert.doesNotMatch(body, /bin\/sh/);
  });

  it("row 62: a script in a directory below runs", async (t) => {
    await greets(await serve(t), "/cgi-bin/child-dir/file3.sh");
  });

  for (const [row, query] of [
    [63, "a=b?c=d"],
    [64, "k=aa%2F%2Fbb&//q//p//=//a//b//"],
  ] as const) {
    it(`row ${row}: QUERY_STRING is what follows the first ?, as it was sent: ${query}`, async (t) => {
      assert.equal((await ask(await serve(t), `/cgi-bin/file4.sh?${query}`)).body, query);
    });
  }

  it("row 65: a CGI directory may lie in a directory below", async (t) => {
    await greets(await serve(t), "/sub/dir/cgi-bin/file5.sh");
  });

  it("row 66: HTTP_ACCEPT is the field, two fields are joined by a comma, and without one, differs, it is not set", async (t) => {
    const site = await serve(t);
    const accept = async (fields: string): Promise<string | undefined> =>
      /^HTTP_ACCEPT=(.*)$/m.exec((await ask(site, "/cgi-bin/file6.sh", fields)).body)?.[1];
    assert.equal(await accept("Accept: text/html,text/plain\r\n"), "text/html,text/plain");
    assert.equal(await accept("Accept: text/html\r\nAccept: text/plain\r\n"), "text/html, text/plain");
    assert.equal(await accept(""), undefined);
  });
});
