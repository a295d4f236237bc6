// @ts-check
// `npm run format`: formats what `npm run check` complains about.

import { install, runNode, tool } from "./project.js";

install();
runNode([tool("oxfmt", "oxfmt")]);
