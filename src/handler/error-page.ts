// The body of an error response: a template with three places to fill.

import { escapeHtml } from "../text/html.ts";

/** `%(code)d`, `%(message)s` and `%(explain)s` are filled in, escaped for HTML. */
export const DEFAULT_ERROR_MESSAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(code)d %(message)s</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; } h1 span { opacity: .55; font-weight: normal; }
</style>
</head>
<body>
<h1><span>%(code)d</span> %(message)s</h1>
<p>%(explain)s</p>
</body>
</html>
`;

export const DEFAULT_ERROR_CONTENT_TYPE = "text/html;charset=utf-8";

export interface ErrorPageValues {
  readonly code: number;
  readonly message: string;
  readonly explain: string;
}

/** Fills a template in the manner of Python's `%` formatting with a dictionary, which is what `errorMessageFormat` holds. */
export function fillErrorPage(format: string, values: ErrorPageValues): string {
  return format.replace(/%\((code|message|explain)\)[sd]|%%/g, (_place, key?: keyof ErrorPageValues) =>
    key === undefined ? "%" : escapeHtml(String(values[key])),
  );
}
