// The body of an error response: a template with three places to fill.

import { escapeHtml } from "../text/html.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** The body of an error response. */
export interface ErrorPage {
  /** The media type, for Content-Type. */
  readonly type: string;
  /** The bytes of the page. */
  readonly body: Uint8Array;
}

/** `%(code)d`, `%(message)s` and `%(explain)s` are filled in, escaped for HTML. */
export const DEFAULT_ERROR_MESSAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(code)d %(message)s</title>
<style>${PAGE_STYLE}
main { max-width: 38rem; margin: clamp(2rem, 18vh, 12rem) auto 2rem; padding: 0 1.5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: clamp(1.375rem, 1.1rem + 1.4vw, 2rem); line-height: 1.25; font-weight: 650; letter-spacing: -.012em; text-wrap: balance; }
h1 span { display: block; margin-bottom: .25rem; font-size: clamp(3rem, 2rem + 6vw, 5rem); line-height: 1; font-weight: 300; letter-spacing: -.03em; font-variant-numeric: tabular-nums; color: var(--accent); }
p { margin: 0; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--muted); }
</style>
</head>
<body>
<main>
<h1><span>%(code)d</span> %(message)s</h1>
<p>%(explain)s</p>
</main>
</body>
</html>
`;

/** Content-Type of the page that `DEFAULT_ERROR_MESSAGE` makes. */
export const DEFAULT_ERROR_CONTENT_TYPE = "text/html;charset=utf-8";

export interface ErrorPageValues {
  readonly code: number;
  readonly message: string;
  readonly explain: string;
}

export function makeErrorPage(format: string, type: string, values: ErrorPageValues): ErrorPage {
  return { type, body: Buffer.from(fillErrorPage(format, values), "utf8") };
}

/** Fills a template as Python's `%` does with a dictionary: that is what `errorMessageFormat` holds. */
function fillErrorPage(format: string, values: ErrorPageValues): string {
  return format.replace(/%\((code|message|explain)\)[sd]|%%/g, (_place, key?: keyof ErrorPageValues) =>
    key === undefined ? "%" : escapeHtml(String(values[key])),
  );
}
