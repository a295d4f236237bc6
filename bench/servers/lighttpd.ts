// Owns lighttpd's configuration: its defaults with an access log, and the same with mod_cgi.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { askProgram } from "../processes.ts";
import { present, type Place, type Server } from "./server.ts";

export function lighttpd(): Server {
  return {
    name: "lighttpd",
    remark: "its defaults (file metadata may be 1 to 2 s old), access log to a file",
    package: { from: "debian", name: "lighttpd" },
    find: () => present(/lighttpd\/([\d.]+)/.exec(askProgram("lighttpd", ["-v"]) ?? "")?.[1]),
    command: (place) => start(place, configuration(place, "")),
  };
}

export function lighttpdWithCgi(): Server {
  return {
    ...lighttpd(),
    name: "lighttpd, mod_cgi",
    remark: "every file below /cgi-bin/ is a program, run as the server's own user; access log to a file",
    command: (place) => start(place, configuration(place, CGI)),
  };
}

/** Before mod_staticfile, which would send the program itself. */
const CGI = `
server.modules += ( "mod_cgi" )
$HTTP["url"] =~ "^/cgi-bin/" { cgi.assign = ( "" => "" ) }
`;

function start(place: Place, text: string): string[] {
  const file = join(place.scratch, "lighttpd.conf");
  writeFileSync(file, text);
  return ["lighttpd", "-D", "-f", file];
}

function configuration({ site, scratch, port }: Place, cgi: string): string {
  return `
server.modules = ( "mod_accesslog" )
${cgi}
server.modules += ( "mod_staticfile" )
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${site}"
server.errorlog = "${scratch}/error.log"
accesslog.filename = "${scratch}/access.log"
mimetype.assign = ( ".txt" => "text/plain", ".bin" => "application/octet-stream" )
`;
}
