// @ts-check
// `npm run screenshots`: takes the pictures of the listing in docs/ anew. Needs Chromium.

import { join } from "node:path";
import { buildAll, install, root, runNode } from "./project.js";

install();
buildAll();
runNode([join(root, "build", "test", "browser", "screenshots.js")]);
