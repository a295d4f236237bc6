// Scripts as people have had them for decades: CGI.pm, Python that fails like cgitb, awk, the shell with /dev/stderr; and large uploads.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { promisify } from "node:util";

import { until } from "../conformance/cgi-site.ts";
import { missing, missingPerlModule } from "./installed.ts";
import { get, parseResponse, startSite } from "./running-site.ts";
import { putScript, temporaryDirectory } from "./temporary-directory.ts";

const run = promisify(execFile);

describe("CGI.pm", { skip: missing("perl") || missingPerlModule("CGI") }, () => {
  const FORM = `#!/usr/bin/perl
use strict; use CGI; use Digest::SHA;
my $q = CGI->new;
if ($q->param('f')) {
  my $sha = Digest::SHA->new(256);
  $sha->addfile($q->upload('f'));
  print $q->header('text/plain'), $q->param('name'), ' ', -s $q->upload('f'), ' ', $sha->hexdigest;
} elsif ($q->param('go')) {
  print $q->redirect($q->url(-absolute => 1) . '/there');
} else {
  print $q->header(-type => 'text/html', -cookie => [$q->cookie('a', 'b'), $q->cookie('c', 'd')]), $q->url, ' ', $q->path_info, ' ', scalar $q->param('q') // '';
}
`;

  it("takes a form with an upload of 20 MB", async (context) => {
    const site = await startSite(context);
    site.script("form.pl", FORM);
    const content = randomBytes(20_000_000);
    const form = new FormData();
    form.append("name", "Ada");
    form.append("f", new Blob([content]), "file.bin");
    const response = await fetch(`${site.url}/cgi-bin/form.pl`, { method: "POST", body: form });
    const sum = createHash("sha256").update(content).digest("hex");
    assert.equal(await response.text(), `Ada 20000000 ${sum}`, site.logged.join("\n"));
  });

  it("knows its own URL, sets cookies and redirects", async (context) => {
    const site = await startSite(context);
    site.script("form.pl", FORM);
    const page = await fetch(`${site.url}/cgi-bin/form.pl/a%20b?q=1%2B1`);
    assert.equal(await page.text(), `${site.url}/cgi-bin/form.pl /a b 1+1`);
    assert.equal(page.headers.getSetCookie().length, 2);
    const redirect = await fetch(`${site.url}/cgi-bin/form.pl?go=1`, { redirect: "manual" });
    assert.equal(redirect.status, 302);
    assert.equal(redirect.headers.get("location"), "/cgi-bin/form.pl/there");
  });

  it("prints a whole response with nph, under any name", async (context) => {
    const site = await startSite(context);
    const source =
      "#!/usr/bin/perl\nuse CGI; my $q = CGI->new; $q->nph(1); print $q->header(-status => '402 Pay', -type => 'text/plain'), 'body';\n";
    for (const name of ["x.pl", "nph-x.pl"]) {
      site.script(name, source);
      const { status, head, body } = parseResponse(await site.exchange(get(`/cgi-bin/${name}`)));
      assert.deepEqual([status, body], [402, "body"]);
      // CGI.pm prints a Server field, which is the response's own only where all of it is the script's.
      assert.equal(head.match(/^server:/gim)?.length, 1);
    }
  });
});

describe("Python", { skip: missing("python3") }, () => {
  it("shows the page that cgitb makes of a failure, before and behind the header", async (context) => {
    const site = await startSite(context);
    // What cgitb prints first ends whatever may be open: a comment, a script, a tag.
    const hook = [
      "#!/usr/bin/env python3",
      "import sys, traceback",
      "def hook(kind, value, trace):",
      "    print('<!--: spam\\nContent-Type: text/html\\n\\n<body bgcolor=\"#f0f0f8\"><p></font> -->')",
      "    print('<p>A problem occurred: %s' % value)",
      "    traceback.print_exception(kind, value, trace)",
      "sys.excepthook = hook",
    ];
    site.script("early.py", [...hook, "raise ValueError('early')", ""].join("\n"));
    site.script(
      "late.py",
      [...hook, "print('Content-Type: text/html\\n\\n<p>half')", "raise ValueError('late')", ""].join("\n"),
    );
    for (const name of ["early", "late"]) {
      const { status, head, body, isWhole } = parseResponse(await site.exchange(get(`/cgi-bin/${name}.py`)));
      assert.equal(status, 200, site.logged.join("\n"));
      assert.match(head, /\r\nContent-Type: text\/html\r\n/);
      assert.ok(body.includes(`A problem occurred: ${name}`) && isWhole);
      await until(() => site.logged.includes(`/cgi-bin/${name}.py: ValueError: ${name}`));
    }
  });
});

describe("awk and sh", { skip: missing("awk", "sh") }, () => {
  it("runs awk, which writes to /dev/stderr", async (context) => {
    const site = await startSite(context);
    site.script(
      "x.awk",
      '#!/usr/bin/awk -f\nBEGIN { print "complaint" > "/dev/stderr"; print "Content-Type: text/plain\\n\\nhello from " ENVIRON["REQUEST_METHOD"] }\n',
    );
    const { status, body } = parseResponse(await site.exchange(get("/cgi-bin/x.awk")));
    assert.deepEqual([status, body], [200, "hello from GET\n"], site.logged.join("\n"));
    await until(() => site.logged.includes("/cgi-bin/x.awk: complaint"));
  });

  it("opens /dev/stdin, /dev/stdout and /dev/stderr like files", async (context) => {
    const site = await startSite(context);
    site.script("kind", "#!/bin/sh\necho Content-Type: text/plain\necho\nreadlink /proc/self/fd/2\n");
    const { body: kind } = parseResponse(await site.exchange(get("/cgi-bin/kind")));
    if (kind.startsWith("socket:"))
      return context.skip("scripts have sockets here, which nothing can open anew");
    site.script(
      "x",
      "#!/bin/sh\necho complaint > /dev/stderr\nprintf 'Content-Type: text/plain\\n\\n' > /dev/stdout\ncat /dev/stdin > /dev/stdout\n",
    );
    const request = `POST /cgi-bin/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc`;
    assert.equal(parseResponse(await site.exchange(request)).body, "abc", site.logged.join("\n"));
    await until(() => site.logged.some((line) => line.endsWith(": complaint")));
  });
});

describe("curl", { skip: missing("curl", "sha256sum") }, () => {
  for (const requestBody of ["store", "stream"] as const) {
    it(`uploads 128 MiB in chunks with flat memory (requestBody: ${requestBody})`, async (context) => {
      const source = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nexec sha256sum\n";
      const program = putScript(temporaryDirectory(context), "sum", source);
      const site = await startSite(context, { cgiMounts: { "/sum": { program, requestBody } } });
      const before = process.memoryUsage().rss;
      let highest = before;
      const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 20);
      // What curl reads from its stdin has no length.
      const command = `head -c 134217728 /dev/zero | curl -sS -f -X POST -T - -H Expect: ${site.url}/sum`;
      const { stdout } = await run("sh", ["-c", command]);
      clearInterval(watch);
      assert.equal(stdout.split(" ")[0], "254bcc3fc4f27172636df4bf32de9f107f620d559b20d760197e452b97453917");
      assert.ok(
        highest - before < 100 * 1024 * 1024,
        `${Math.round((highest - before) / 1_048_576)} MiB more`,
      );
    });
  }
});
