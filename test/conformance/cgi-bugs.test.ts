// cgi bug 1–53: what has gone wrong in other CGI hosts, each as a test of this one.

import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, existsSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { decideStart } from "../../src/cgi/interpreter.ts";
import { defaultCGILimits } from "../../src/cgi/limits.ts";
import { locateScript } from "../../src/cgi/locate-script.ts";
import { splitScriptPath } from "../../src/cgi/script-path.ts";
import { HTTPRequestError } from "../../src/errors.ts";
import { type Site, startSite } from "../cgi/running-site.ts";
import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";
import {
  answerTo,
  ARGUMENTS,
  ask,
  chunked,
  ENVIRONMENT,
  environmentOf,
  get,
  HELLO,
  isAlive,
  noShell,
  PATIENT,
  pidOf,
  post,
  printer,
  SILENT,
  until,
} from "./cgi-site.ts";

type Context = Parameters<typeof startSite>[0];

async function startEnvSite(context: Context, settings: Parameters<typeof startSite>[1] = {}): Promise<Site> {
  const site = await startSite(context, settings);
  site.script("env", ENVIRONMENT);
  return site;
}

/** The names of the HTTP_* variables that these fields make. */
async function made(site: Site, fields: string): Promise<string[]> {
  const seen = await environmentOf(site, get("/cgi-bin/env", fields));
  return Object.keys(seen).filter((name) => name.startsWith("HTTP_") && name !== "HTTP_HOST");
}

describe("cgi bug 1–13: what gets into the environment", { skip: noShell }, () => {
  it("cgi bug 1: httpoxy: Proxy, in any spelling, is no HTTP_PROXY (CVE-2016-5385)", async (context) => {
    const site = await startEnvSite(context);
    for (const name of ["Proxy", "proxy", "PROXY", "Proxy_"])
      assert.deepEqual(await made(site, `${name}: x\r\n`), []);
    assert.equal((await ask(site, get("/cgi-bin/env", "Proxy : x\r\n"))).status, 400);
  });

  it("cgi bug 2: Redirect-Status is no HTTP_REDIRECT_STATUS (CVE-2024-8927)", async (context) => {
    const site = await startEnvSite(context);
    assert.deepEqual(await made(site, "Redirect-Status: 1\r\nREDIRECT-STATUS: 1\r\n"), []);
    const fields = "Redirect-Status: 1\r\n";
    assert.equal((await environmentOf(site, get("/cgi-bin/env", fields)))["REDIRECT_STATUS"], "200");
  });

  it("cgi bug 3: a name with '_' never passes for one with '-'", async (context) => {
    const site = await startEnvSite(context);
    const fields =
      "X_Forwarded_For: 1\r\nRemote_User: 2\r\nContent_Length: 3\r\nUser-Agent: right\r\nUser_Agent: wrong\r\n";
    const seen = await environmentOf(site, get("/cgi-bin/env", fields));
    assert.deepEqual(
      [seen["HTTP_X_FORWARDED_FOR"], seen["REMOTE_USER"], seen["CONTENT_LENGTH"], seen["HTTP_USER_AGENT"]],
      [undefined, undefined, undefined, "right"],
    );
  });

  it("cgi bug 4: a field cannot fake a variable of ours, nor one of ours a field (CVE-2018-1283)", async (context) => {
    const site = await startEnvSite(context, {
      cgiEnvironment: { HTTP_SESSION: "own", http_session: "own" },
    });
    const seen = await environmentOf(site, get("/cgi-bin/env", "Session: x\r\n"));
    assert.deepEqual([seen["HTTP_SESSION"], seen["http_session"]], ["x", undefined]);
    assert.deepEqual(await made(site, ""), []);
  });

  it("cgi bug 5: names are compared whole: one letter or a beginning is another name", async (context) => {
    const site = await startEnvSite(context);
    const fields = "C: 5\r\nContent: 5\r\nAuth: x\r\nAuthorizatio: x\r\nP: x\r\nProxy-A: x\r\n";
    const seen = await environmentOf(site, get("/cgi-bin/env", fields));
    assert.deepEqual([seen["CONTENT_LENGTH"], seen["HTTP_C"], seen["HTTP_AUTH"]], [undefined, "5", "x"]);
    assert.deepEqual([seen["HTTP_AUTHORIZATIO"], seen["HTTP_PROXY_A"], seen["HTTP_P"]], ["x", "x", "x"]);
  });

  it("cgi bug 6: Shellshock: a value that is a function reaches no script (CVE-2014-6271)", async (context) => {
    const site = await startEnvSite(context);
    const bad = "() { :;}; echo x";
    assert.deepEqual(await made(site, `Cookie: ${bad}\r\nReferer: ${bad}\r\n`), []);
    const seen = await environmentOf(site, get("/cgi-bin/env?()%20{%20:;}", ""));
    assert.equal(seen["QUERY_STRING"], "()%20{%20:;}");
  });

  it("cgi bug 7: names in a query or a form never become variables (CVE-2017-17562)", async (context) => {
    const site = await startEnvSite(context);
    const form = post(
      "/cgi-bin/env?LD_PRELOAD=/x",
      "LD_PRELOAD=/x",
      "Content-Type: application/x-www-form-urlencoded\r\n",
    );
    const seen = await environmentOf(site, form);
    assert.equal(
      seen["LD_PRELOAD"],
      process.env["LD_PRELOAD"] === undefined ? undefined : seen["LD_PRELOAD"],
    );
    assert.ok(!Object.values(seen).includes("/x"));
  });

  it("cgi bug 8: what is configured never replaces what the request says (CVE-2025-65082)", async (context) => {
    const site = await startEnvSite(context, {
      cgiEnvironment: { REQUEST_METHOD: "POST", REMOTE_ADDR: "::1" },
    });
    const seen = await environmentOf(site, get("/cgi-bin/env"));
    assert.deepEqual([seen["REQUEST_METHOD"], seen["REMOTE_ADDR"]], ["GET", "127.0.0.1"]);
  });

  it("cgi bug 9: Authorization that nobody has checked sets no REMOTE_USER", async (context) => {
    const site = await startEnvSite(context);
    const seen = await environmentOf(site, get("/cgi-bin/env", "Authorization: Basic cm9vdDp4\r\n"));
    assert.deepEqual([seen["REMOTE_USER"], seen["AUTH_TYPE"]], [undefined, undefined]);
  });

  it("cgi bug 10: what is secret in the server's environment stays there", async (context) => {
    process.env["SECRET"] = "s3cret-of-the-server";
    context.after(() => delete process.env["SECRET"]);
    const site = await startEnvSite(context);
    assert.ok(
      !Object.values(await environmentOf(site, get("/cgi-bin/env"))).includes("s3cret-of-the-server"),
    );
  });

  it("cgi bug 11: NUL is 400; a line end in PATH_INFO is data for the script, and forges no line of the log", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await ask(site, get("/cgi-bin/env/a%00b"))).status, 400);
    const seen = await environmentOf(site, get("/cgi-bin/env/a%0d%0ab"));
    assert.equal(seen["PATH_INFO"], "/a\r\nb");
    assert.ok(site.logged.every((line) => !/[\r\n]/.test(line)));
  });

  it("cgi bug 12: too many or too long fields, or a long query, are 4xx", async (context) => {
    const site = await startEnvSite(context);
    const many = Array.from({ length: 100 }, (_, index) => `A${index}: ${"x".repeat(8_000)}\r\n`).join("");
    assert.equal((await ask(site, get("/cgi-bin/env", many))).status, 431);
    assert.equal((await ask(site, get("/cgi-bin/env", `A: ${"x".repeat(200_000)}\r\n`))).status, 431);
    assert.equal((await ask(site, get(`/cgi-bin/env?${"x".repeat(130_000)}`))).status, 414);
  });

  it("cgi bug 13: trailers are no fields (CVE-2025-12642)", async (context) => {
    const site = await startEnvSite(context);
    const request = chunked("/cgi-bin/env", "x").replace(
      /0\r\n\r\n$/,
      "0\r\nAuthorization: x\r\nX-Real: y\r\n\r\n",
    );
    assert.equal((await environmentOf(site, request))["HTTP_X_REAL"], undefined);
  });
});

describe("cgi bug 14–17: arguments and commands", { skip: noShell }, () => {
  it("cgi bug 14: a query is no argument (CVE-2012-1823)", async (context) => {
    const site = await startSite(context);
    site.script("args", ARGUMENTS);
    for (const query of ["-s", "-d+allow_url_include%3d1", "--help", "a"])
      assert.equal((await ask(site, get(`/cgi-bin/args?${query}`))).body, "", query);
  });

  it("cgi bug 15: batch files are never run (CVE-2024-27980, CVE-2019-0232)", () => {
    for (const file of ["x.bat", "x.CMD"]) {
      const start = decideStart(`C:\\cgi-bin\\${file}`, Buffer.from("@echo off"), "win32");
      assert.equal(start.kind, "impossible");
    }
  });

  it("cgi bug 16: after a local redirect nothing of the first query is left to the second script (CVE-2025-58098)", async (context) => {
    const site = await startEnvSite(context, { cgiQueryArguments: true });
    site.script("args", ARGUMENTS);
    printer(site, "go", "Location: /cgi-bin/args\n\n");
    printer(site, "env-go", "Location: /cgi-bin/env\n\n");
    assert.equal((await ask(site, get("/cgi-bin/go?first+words"))).body, "");
    assert.equal((await environmentOf(site, get("/cgi-bin/env-go?first")))["QUERY_STRING"], "");
  });

  it("cgi bug 17: a name that a shell or an option parser would read otherwise is the name of a file", async (context) => {
    const site = await startSite(context, { cgiInterpreters: { ".txt": ["/bin/sh"] } });
    for (const name of ["a b;c", "$(touch x)", "-rf", "a\nb", "'\"", "*"]) {
      site.script(name, HELLO);
      assert.equal((await ask(site, get(`/cgi-bin/${encodeURIComponent(name)}`))).body, "hello\n", name);
    }
    put(site.root, "-c.txt", HELLO);
    assert.equal((await ask(site, get("/-c.txt"))).body, "hello\n");
  });
});

describe("cgi bug 18–28: which file runs, and what is sent instead", { skip: noShell }, () => {
  const SOURCE = "#!/bin/sh\n# SOURCE\necho Content-Type: text/plain\necho\necho ran\n";

  async function sendsNoSource(site: Site, paths: readonly string[], fields = ""): Promise<void> {
    for (const path of paths) {
      const { status, body } = await ask(site, get(path, fields));
      assert.ok(!body.includes("SOURCE"), `${path}: ${status}`);
      assert.ok(body === "ran\n" || status >= 400 || status === 301, `${path}: ${status} ${body}`);
    }
  }

  it("cgi bug 18: no spelling of '..' reaches what is outside (CVE-2021-41773, CVE-2021-42013)", async (context) => {
    const site = await startEnvSite(context);
    for (const path of [
      "/cgi-bin/.%2e/.%2e/.%2e/bin/sh",
      "/cgi-bin/%2e%2e/%2e%2e/bin/sh",
      "/cgi-bin/.%%32%65/.%%32%65/bin/sh",
      "/cgi-bin/%%32%65%%32%65/bin/sh",
      "/cgi-bin/..%2f..%2fbin/sh",
      "/cgi-bin/%c0%ae%c0%ae/bin/sh",
      "/cgi-bin/..%5c..%5cbin/sh",
      "/cgi-bin/..;/..;/bin/sh",
    ]) {
      const { status } = await ask(site, get(path));
      assert.ok(status === 400 || status === 404 || status === 403, `${path}: ${status}`);
    }
  });

  it("cgi bug 19: no other way to write a path sends the source (CVE-2011-1015, CVE-2014-4650, bpo-19435)", async (context) => {
    const site = await startSite(context);
    site.script("x.sh", SOURCE);
    await sendsNoSource(site, [
      "cgi-bin/x.sh",
      "/cgi-bin%2fx.sh",
      "/cgi-bin%2Fx.sh",
      "/nocgi/../cgi-bin/x.sh",
      "//cgi-bin/x.sh",
      "/./cgi-bin/x.sh",
      "/cgi-bin//x.sh",
      "/%63gi-bin/x.sh",
      "http://a.example:81/cgi-bin/x.sh",
    ]);
  });

  it("cgi bug 20: Windows' other names of a script are no names (gh-104711)", () => {
    const root = "C:\\served";
    for (const name of ["x.py::$DATA", "x.py::$INDEX_ALLOCATION", "C:x.py", "x.py.", "x.py ", "a\\x.py"]) {
      assert.equal(locateScript(root, "/cgi-bin", [name], { platform: "win32" }).kind, "missing", name);
    }
    for (const path of ["/CGI-BIN/x.py", "/cgi-bin./x.py", "/cgi-bin::$DATA/x.py"])
      assert.equal(splitScriptPath(path, ["/cgi-bin"], "win32").kind, "refused", path);
    assert.equal(splitScriptPath("/CGI-BIN/x.py", ["/cgi-bin"], "darwin").kind, "refused");
  });

  it("cgi bug 21: a dot, a blank or a slash at the end sends no source (CVE-2005-3293)", async (context) => {
    const site = await startSite(context, { cgiInterpreters: { ".sh": ["/bin/sh"] } });
    site.script("x.sh", SOURCE);
    put(site.root, "y.sh", SOURCE);
    for (const tail of ["", ".", "%20", "%20%20%20", "/", "%2e", "%00", "~"])
      await sendsNoSource(site, [`/cgi-bin/x.sh${tail}`, `/y.sh${tail}`]);
  });

  it("cgi bug 22: a script without its x bit is 403 and never sent", async (context) => {
    const site = await startSite(context, { cgiInterpreters: { ".cgi": [] } });
    put(site.root, "cgi-bin/x.sh", SOURCE);
    put(site.root, "anywhere.cgi", SOURCE);
    for (const path of ["/cgi-bin/x.sh", "/anywhere.cgi"]) {
      const { status, body } = await ask(site, get(path));
      assert.equal(status, 403, path);
      assert.ok(!body.includes("SOURCE"));
    }
  });

  it("cgi bug 23: a script that cannot be started is 500 and never sent (CVE-2008-1111)", async (context) => {
    const site = await startSite(context, { cgiInterpreters: { ".php": ["/no/such/php"] } });
    site.script("none", "#!/no/such/interpreter\n# SOURCE\n");
    put(site.root, "x.php", "<?php # SOURCE");
    for (const path of ["/cgi-bin/none", "/x.php"]) {
      const { status, body } = await ask(site, get(path));
      assert.equal(status, 500, path);
      assert.ok(!body.includes("SOURCE"));
    }
  });

  it("cgi bug 24: what lies beside scripts is not sent, and Range, HEAD and conditions are the script's", async (context) => {
    const site = await startSite(context, { cgiInterpreters: { ".php": ["/bin/sh"] } });
    site.script("x.sh", SOURCE);
    for (const name of ["data.txt", ".git/config", "x.sh~", ".x.sh.swp", ".htpasswd", "__pycache__/x.pyc"])
      put(site.root, `cgi-bin/${name}`, "# SOURCE");
    const copies = ["y.php", "y.php~", "y.php.bak", "y.PHP", "y.php.swp", "y.php.gz", "y.php.br"];
    for (const name of copies) put(site.root, name, SOURCE);
    const names = [
      "data.txt",
      ".git/config",
      "x.sh~",
      ".x.sh.swp",
      ".htpasswd",
      "__pycache__/x.pyc",
      "",
      "__pycache__/",
    ];
    const paths = [...names, "x.sh"].map((name) => `/cgi-bin/${name}`);
    const beside = copies.map((name) => `/${name}`);
    for (const fields of ["", "Range: bytes=0-9\r\n", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n"])
      await sendsNoSource(site, [...paths, ...beside], fields);
    const head = await ask(site, get("/cgi-bin/x.sh", "Range: bytes=0-1\r\n", "HEAD"));
    assert.deepEqual([head.status, head.body], [200, ""]);
  });

  it("cgi bug 25: neither letters that change their length nor a line end move the end of a script's name (CVE-2026-24895, CVE-2019-11043)", async (context) => {
    const site = await startSite(context, { cgiInterpreters: { ".sh": ["/bin/sh"] } });
    put(
      site.root,
      "x.sh",
      '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n%s" "$SCRIPT_NAME $PATH_INFO"\n',
    );
    const info = "/%C8%BA%C8%BA%0a.sh/y.sh";
    assert.equal((await ask(site, get(`/x.sh${info}`))).status, 200);
    const { body } = await ask(site, get(`/x.sh${info}`));
    assert.equal(Buffer.from(body, "latin1").toString("utf8"), "/x.sh /ȺȺ\n.sh/y.sh");
    assert.equal((await ask(site, get("/%C8%BA.sh"))).status, 404);
  });

  it("cgi bug 26: a symbolic link out of the root is not followed", async (context) => {
    const site = await startSite(context);
    const outside = putScript(temporaryDirectory(context), "x", SOURCE);
    site.script("here", SOURCE);
    symlinkSync(outside, join(site.root, "cgi-bin/link"));
    assert.equal((await ask(site, get("/cgi-bin/link"))).status, 404);
    const following = await startSite(context, { followSymlinks: true });
    following.script("here", SOURCE);
    symlinkSync(outside, join(following.root, "cgi-bin/link"));
    assert.equal((await ask(following, get("/cgi-bin/link"))).body, "ran\n");
  });

  it("cgi bug 28: nothing can be put into a CGI directory", async (context) => {
    const site = await startSite(context);
    site.script("x", HELLO);
    chmodSync(join(site.root, "cgi-bin"), 0o777);
    const request = post("/cgi-bin/new", SOURCE);
    for (const method of ["PUT", "POST", "PATCH"])
      assert.equal((await ask(site, request.replace("POST", method))).status, 404);
    assert.ok(!existsSync(join(site.root, "cgi-bin/new")));
  });
});

describe("cgi bug 29–38: what a script prints", { skip: noShell }, () => {
  it("cgi bug 29: no length that a script prints splits the connection (CVE-2024-24795)", async (context) => {
    const site = await startSite(context);
    for (const fields of [
      "Content-Length: 2",
      "Content-Length: 200",
      "Content-Length: 2\nContent-Length: 3",
      "Content-Length: +5",
      "Content-Length: 5, 5",
      "Content-Length: 5\nTransfer-Encoding: chunked",
      "Transfer-Encoding: chunked",
    ]) {
      printer(
        site,
        "x",
        `Content-Type: a/b\n${fields}\n\n0\r\n\r\nHTTP/1.1 200 Evil\r\nContent-Length: 0\r\n\r\n`,
      );
      const text = await site.exchange(
        `GET /cgi-bin/x HTTP/1.1\r\nHost: x\r\n\r\n${get("/cgi-bin/nothere")}`,
      );
      const answers = parseAll(text);
      assert.ok(!answers.some((answer) => answer.includes("Evil")), `${fields}\n${text}`);
    }
  });

  it("cgi bug 30: what could be two fields or none is 502 (CVE-2024-42516, CVE-2016-8743)", async (context) => {
    const site = await startSite(context);
    for (const line of [
      "Content-Type: a\rX: b",
      "Header : x",
      "X: \0",
      "X: a\n b",
      "X y: z",
      "X(y): z",
      "no colon",
    ])
      assert.equal(
        (await answerTo(site, `Content-Type: a/b\n${line}\n\n`)).status,
        502,
        JSON.stringify(line),
      );
  });

  it("cgi bug 31: a local redirect passes the same rules as a request from outside (CVE-2024-38476)", async (context) => {
    const site = await startSite(context, {
      do_GET() {
        const { path } = this as unknown as { path: string };
        if (path.startsWith("/private/")) throw new HTTPRequestError(403, "Not yours");
        return Object.getPrototypeOf(Object.getPrototypeOf(this)).do_GET.call(this);
      },
    });
    put(site.root, "private/a.txt", "secret");
    put(site.root, ".git/config", "secret");
    for (const target of ["/private/a.txt", "/.git/config", "/cgi-bin/.hidden"]) {
      const { status, body } = await answerTo(site, `Location: ${target}\n\n`);
      assert.ok(status >= 400 && !body.includes("secret"), `${target}: ${status}`);
    }
  });

  it("cgi bug 32: no value of a script splits a response, nor does one from a client (CVE-2023-38709)", async (context) => {
    const site = await startSite(context);
    site.script("go", '#!/bin/sh\nprintf "Status: 302\\nLocation: /%b\\n\\n" "$QUERY_STRING"\n');
    for (const query of ["a\\rSet-Cookie:x", "a\\r\\r\\nb", "a\\033"])
      assert.equal((await ask(site, get(`/cgi-bin/go?${query}`))).status, 502, query);
  });

  it("cgi bug 33: local redirects end, and stay on this host", async (context) => {
    const site = await startSite(context);
    assert.equal((await answerTo(site, "Location: /cgi-bin/answer\n\n")).status, 500);
    assert.ok(site.logged.some((line) => line.includes("more than 10 local redirects")));
    for (const location of ["//host/", "/\\host", "/\t/host", "\\\\host"]) {
      const { status, head } = await answerTo(site, `Location: ${location}\n\n`);
      assert.equal(status, 502, location);
      assert.doesNotMatch(head, /\r\nLocation:/);
    }
    assert.equal((await answerTo(site, "Location: /%2e%2e/%2e%2e/etc/passwd\n\n")).status, 404);
  });

  it("cgi bug 34: a Status that is none is 502, and never an empty reply", async (context) => {
    const site = await startSite(context);
    for (const status of ["100", "101", "999", "-1", "", "2000", "200\rSet-Cookie: x", "OK"])
      assert.equal((await answerTo(site, `Status: ${status}\n\n`)).status, 502, status);
    const split = await answerTo(site, "Status: 200\r\nSet-Cookie: x\r\n\r\n");
    assert.deepEqual([split.status, /Set-Cookie: x/.test(split.head)], [200, true]);
  });

  it("cgi bug 35: 204, 304 and HEAD have no body whatever is printed; an empty 307 has its length", async (context) => {
    const site = await startSite(context, PATIENT);
    for (const [output, method] of [
      ["Status: 204\nContent-Type: a/b\nContent-Length: 4\n\nbody", "GET"],
      ["Status: 304\nContent-Type: a/b\nContent-Length: 4\n\nbody", "GET"],
      ["Content-Type: a/b\nContent-Length: 4\n\nbody", "HEAD"],
    ] as const) {
      assert.equal((await answerTo(site, output, get("/cgi-bin/answer", "", method))).body, "");
    }
    const { head } = await answerTo(site, "Status: 307\nLocation: /x\n\n");
    assert.match(head, /\r\nContent-Length: 0\r\n/);
  });

  it("cgi bug 36: the last chunk is there when a script ends early, and not when it was killed", async (context) => {
    const site = await startSite(context);
    site.script("early", "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nall'\nexec >&-\nsleep 0.4\n");
    const early = await ask(site, get("/cgi-bin/early"));
    assert.deepEqual([early.body, early.isWhole], ["all", true]);
    site.script("killed", "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nhalf'\nsleep 0.2\nkill -9 $$\n");
    assert.equal((await ask(site, get("/cgi-bin/killed"))).isWhole, false);
  });

  it("cgi bug 37: a header may come in any pieces, and stand next to its limit", async (context) => {
    const site = await startSite(context, { cgiLimits: { ...defaultCGILimits, headerSize: 100 } });
    for (const end of ["\\n\\n", "\\r\\n\\r\\n", "\\n\\r\\n"]) {
      const pieces = ["C", "ontent-Type:", " a/b", ...(end.match(/\\./g) ?? []), "body"];
      const source = pieces.map((piece) => `printf '${piece}'; sleep 0.02`).join("\n");
      site.script("pieces", `#!/bin/sh\n${source}\n`);
      const { status, head, body } = await ask(site, get("/cgi-bin/pieces"));
      assert.deepEqual([status, body, /\r\nContent-Type: a\/b\r\n/.test(head)], [200, "body", true], end);
    }
    const padded = (size: number): string => `Content-Type: a/b\nX: ${"x".repeat(size - 23)}\n\n`;
    assert.equal(padded(100).length, 100);
    assert.equal((await answerTo(site, padded(100))).status, 200);
    assert.equal((await answerTo(site, padded(101))).status, 502);
    assert.equal((await answerTo(site, "Content-Type: a/b\nContent-Length: abc\n\n")).status, 502);
  });
});

describe("cgi bug 39–53: deadlocks, leaks and processes", { skip: noShell }, () => {
  it("cgi bug 39: a script that reads nothing of a large body answers all the same (CVE-2014-0231)", async (context) => {
    const closes = "#!/bin/sh\nexec <&-\necho Content-Type: text/plain\necho\necho hello\n";
    const folder = temporaryDirectory(context);
    const streamed = (name: string, source: string) =>
      ({ program: putScript(folder, name, source), requestBody: "stream" }) as const;
    // From a file, and through a pipe that fills up.
    const cgiMounts = { "/x": streamed("x", HELLO), "/closes": streamed("closes", closes) };
    const site = await startSite(context, { cgiMounts });
    site.script("x", HELLO);
    site.script("closes", closes);
    for (const path of ["/cgi-bin/x", "/cgi-bin/closes", "/x", "/closes"])
      assert.equal((await ask(site, post(path, "x".repeat(3_000_000)))).body, "hello\n", path);
  });

  it("cgi bug 40: a script may write much before it reads much", async (context) => {
    const source = "#!/bin/sh\necho Content-Type: a/b\necho\nhead -c 1048576 /dev/zero\nexec cat\n";
    const program = putScript(temporaryDirectory(context), "x", source);
    // Only where the body streams, two pipes can wait for each other.
    const site = await startSite(context, { cgiMounts: { "/m": { program, requestBody: "stream" } } });
    site.script("x", source);
    for (const path of ["/cgi-bin/x", "/m"]) {
      const { body, isWhole } = await ask(site, post(path, "x".repeat(1_048_576)));
      assert.ok(isWhole, path);
      assert.ok(body === "\0".repeat(1_048_576) + "x".repeat(1_048_576), path);
    }
  });

  it("cgi bug 41: a script may fill stderr before its header", async (context) => {
    const site = await startSite(context);
    site.script("x", `#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' 'e' >&2\n${HELLO.slice(10)}`);
    assert.equal((await ask(site, get("/cgi-bin/x"))).body, "hello\n");
  });

  it("cgi bug 42: a script may close stdout or stderr and go on", async (context) => {
    const site = await startSite(context);
    site.script(
      "out",
      "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nall'\nexec >&-\nsleep 0.3\necho late >&2\n",
    );
    site.script("err", `#!/bin/sh\nexec 2>&-\n${HELLO.slice(10)}`);
    assert.equal((await ask(site, get("/cgi-bin/out"))).body, "all");
    assert.equal((await ask(site, get("/cgi-bin/err"))).body, "hello\n");
    await until(() => site.logged.includes("/cgi-bin/out: late"));
  });

  it("cgi bug 43: what a script leaves in the background does not hold its answer", async (context) => {
    const site = await startSite(context);
    site.script("x", `#!/bin/sh\nsleep 100 &\necho pid $! >&2\n${HELLO.slice(10)}`);
    assert.equal((await ask(site, get("/cgi-bin/x"))).body, "hello\n");
    process.kill(await pidOf(site), "SIGKILL");
  });

  it("cgi bug 44: a client that leaves ends its script, in every phase; one that ends its side alone does not", async (context) => {
    const sources = {
      silent: SILENT,
      upload: "#!/bin/sh\necho pid $$ >&2\ncat >/dev/null\n",
      download: "#!/bin/sh\necho pid $$ >&2\nprintf 'Content-Type: a/b\\n\\n'\nwhile :; do echo more; done\n",
    };
    for (const [name, source] of Object.entries(sources)) {
      const program = putScript(temporaryDirectory(context), "x", source);
      const site = await startSite(context, { cgiMounts: { "/m": { program, requestBody: "stream" } } });
      const { socket } = site.connect();
      socket.write(name === "upload" ? get("/m", "Content-Length: 9\r\n", "POST") : get("/m"));
      const pid = await pidOf(site);
      socket.resetAndDestroy();
      await until(() => !isAlive(pid));
    }
    const site = await startSite(context);
    site.script("x", `#!/bin/sh\nsleep 0.5\n${HELLO.slice(10)}`);
    const { socket, received, closed } = site.connect();
    socket.end(get("/cgi-bin/x"));
    await closed;
    assert.match(received(), /hello\n/);
  });

  it("cgi bug 45: a script that ignores TERM is killed, and so is its group", async (context) => {
    const site = await startSite(context, { cgiLimits: { ...defaultCGILimits, killGrace: 100 } });
    site.script("x", "#!/bin/sh\ntrap '' TERM\nsleep 60 &\necho pid $! >&2\nwhile :; do wait; done\n");
    const { socket } = site.connect();
    socket.write(get("/cgi-bin/x"));
    const pid = await pidOf(site);
    socket.resetAndDestroy();
    await until(() => !isAlive(pid));
  });

  it("cgi bug 46: no zombie is left, nor anything killed that is not a script's: see cgi 108", async (context) => {
    const site = await startSite(context);
    site.script("x", "#!/bin/sh\necho pid $$ >&2\nexit 1\n");
    await ask(site, get("/cgi-bin/x"));
    const pid = await pidOf(site);
    await until(() => !existsSync(`/proc/${pid}`) || process.platform !== "linux");
    assert.ok(!isAlive(pid));
  });

  it(
    "cgi bug 47: no descriptor is lost, whatever the outcome, and scripts inherit no socket",
    { skip: !existsSync("/proc/self/fd") && "no /proc" },
    async (context) => {
      const site = await startSite(context);
      site.script("fine", HELLO);
      site.script("failed", "#!/bin/sh\nexit 1\n");
      site.script("none", "#!/no/such/interpreter\n");
      site.script(
        "sockets",
        "#!/bin/sh\necho Content-Type: text/plain\necho\nfor f in 3 4 5 6 7 8 9 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do readlink /proc/$$/fd/$f; done\ntrue\n",
      );
      const round = async (): Promise<void> => {
        for (const name of ["fine", "failed", "none"]) await site.exchange(get(`/cgi-bin/${name}`));
        await site.exchange(chunked("/cgi-bin/fine", "x".repeat(100_000)));
      };
      await round();
      const sockets = (): number =>
        readdirSync("/proc/self/fd").filter((fd) => {
          try {
            return /^(socket|pipe):|\(deleted\)/.test(readlinkSync(`/proc/self/fd/${fd}`));
          } catch {
            return false;
          }
        }).length;
      await sleep(1_200);
      const before = sockets();
      await Promise.all(Array.from({ length: 20 }, round));
      await until(() => sockets() <= before);
      assert.equal((await ask(site, get("/cgi-bin/sockets"))).body, "");
    },
  );

  it("cgi bug 48: a client that has ended its side costs no processor while it waits", async (context) => {
    const site = await startSite(context);
    site.script("x", `#!/bin/sh\nsleep 1\n${HELLO.slice(10)}`);
    const { socket, received, closed } = site.connect();
    socket.end(get("/cgi-bin/x"));
    const before = process.cpuUsage();
    await closed;
    const { user, system } = process.cpuUsage(before);
    assert.match(received(), /hello\n/);
    assert.ok(user + system < 700_000, `${user + system} µs of a second that both sides slept through`);
  });

  it("cgi bug 49: a server that stops leaves no script behind, not even one that ignores TERM", async (context) => {
    const site = await startSite(context, { cgiLimits: { ...defaultCGILimits, killGrace: 200 } });
    site.script("x", "#!/bin/sh\ntrap '' TERM\necho pid $$ >&2\nwhile :; do sleep 0.1; done\n");
    const { socket } = site.connect();
    socket.write(get("/cgi-bin/x"));
    const pid = await pidOf(site);
    await site.stop();
    await until(() => !isAlive(pid));
  });

  it("cgi bug 50: beyond places and queue there is 503; a client whose body is not here takes no place", async (context) => {
    const limits = { ...defaultCGILimits, scriptsAtOnce: 1, queueLength: 1 };
    const site = await startSite(context, { cgiLimits: limits });
    const held = `until [ -e '${site.root}/go' ]; do sleep 0.05; done`;
    site.script("x", `#!/bin/sh\necho started >&2\n${held}\n${HELLO.slice(10)}`);
    site.script("fast", HELLO);
    // Its body is stored first, so that the place is free for others meanwhile.
    const uploading = site.connect();
    uploading.socket.write(`${get("/cgi-bin/x", "Transfer-Encoding: chunked\r\n", "POST")}1\r\na\r\n`);
    assert.equal((await ask(site, get("/cgi-bin/fast"))).body, "hello\n");
    const first = ask(site, get("/cgi-bin/x"));
    await until(() => site.logged.some((line) => line.endsWith("started")));
    const waiting = [1, 2, 3].map(() => ask(site, get("/cgi-bin/fast")));
    await until(() => site.logged.filter((line) => line.includes('" 503 ')).length === 2);
    put(site.root, "go", "");
    assert.equal((await first).body, "hello\n");
    const statuses = (await Promise.all(waiting)).map(({ status }) => status);
    assert.deepEqual(
      statuses.toSorted((a, b) => a - b),
      [200, 503, 503],
    );
    uploading.socket.destroy();
  });

  it("cgi bug 51: output with a Status of its own streams, to a slow client as well", async (context) => {
    const site = await startSite(context);
    site.script(
      "x",
      "#!/bin/sh\nprintf 'Status: 404 Not here\\nContent-Type: a/b\\n\\n'\nhead -c 20000000 /dev/zero\necho done >&2\n",
    );
    const { socket, received, closed } = site.connect();
    socket.pause();
    socket.write(get("/cgi-bin/x"));
    await sleep(300);
    const isDone = (): boolean => site.logged.some((line) => line.endsWith(": done"));
    assert.ok(!isDone(), "what the client does not take piles up in the server");
    socket.resume();
    await closed;
    await until(isDone);
    assert.match(received(), /^HTTP\/1\.1 404 Not here\r\n/);
    assert.ok(received().length > 20_000_000 && received().endsWith("0\r\n\r\n"));
  });

  it("cgi bug 52: one client, however many requests it makes, leaves places for others", async (context) => {
    // All of 127.0.0.0/8 is this machine on Linux alone.
    if (process.platform !== "linux") return context.skip("a second address of this machine is not known");
    const limits = { ...defaultCGILimits, scriptsAtOnce: 4, perClient: 2 };
    const site = await startSite(context, { cgiLimits: limits });
    const held = `until [ -e '${site.root}/go' ]; do sleep 0.05; done`;
    site.script("x", `#!/bin/sh\necho started >&2\n${held}\n${HELLO.slice(10)}`);
    site.script("fast", HELLO);
    const greedy = Array.from({ length: 6 }, () => ask(site, get("/cgi-bin/x")));
    const started = (): number => site.logged.filter((line) => line.endsWith("started")).length;
    await until(() => started() === 2);
    const other = request(`${site.url}/cgi-bin/fast`, { localAddress: "127.0.0.2" }).end();
    const [response] = (await once(other, "response")) as [IncomingMessage];
    assert.equal(await text(response), "hello\n");
    assert.equal(started(), 2);
    put(site.root, "go", "");
    for (const answer of await Promise.all(greedy)) assert.equal(answer.body, "hello\n");
  });

  it("cgi bug 53: the old ways out of a CGI directory are closed (CVE-2001-1586)", async (context) => {
    const site = await startEnvSite(context);
    for (const path of [
      "/cgi-bin/.../etc/passwd",
      "/cgi-bin//../../etc/passwd",
      "/%2e%2e//etc/passwd",
      "/~root/x",
    ]) {
      const { status } = await ask(site, get(path));
      assert.ok(status === 404 || status === 403, `${path}: ${status}`);
    }
  });
});

/** The responses on a connection, by their own framing, as a client would take them apart. */
function parseAll(text: string): string[] {
  const answers: string[] = [];
  let rest = text;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) break;
    const head = rest.slice(0, end);
    answers.push(head.split("\r\n", 1)[0]!);
    rest = rest.slice(end + 4);
    const length = /^content-length: (\d+)$/im.exec(head)?.[1];
    if (length !== undefined) rest = rest.slice(Number(length));
    else if (/^transfer-encoding: chunked$/im.test(head)) {
      for (;;) {
        const line = rest.indexOf("\r\n");
        const size = Number.parseInt(rest.slice(0, line), 16);
        if (line === -1 || Number.isNaN(size)) return answers;
        rest = rest.slice(line + 2 + size + 2);
        if (size === 0) break;
      }
    }
  }
  return answers;
}
