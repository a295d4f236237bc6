// @ts-check
// `npm run api`: writes the public API into etc/htbin.api.md; commit it with the change that caused it.

import { buildLibrary, install, runNode, tool } from "./project.js";

install();
buildLibrary();
runNode([tool("@microsoft/api-extractor", "api-extractor"), "run", "--local"]);
