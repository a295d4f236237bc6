// The look that all pages made by htbin share: colours for light and dark, type, links, focus.

/** Text on its ground has a contrast of at least 4.5 : 1, in both schemes (WCAG 2.2 §1.4.3). */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfcfa; --raised: #fff; --ink: #1d2126; --muted: #5d656e; --line: #e3e4de; --hover: #f1f2ec;
  --accent: #0b666d; --folder: #b47d1e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --raised: #1a1e22; --ink: #e7e6e1; --muted: #9aa3ab; --line: #2a2f34; --hover: #1f2429;
    --accent: #7fcbd0; --folder: #dcae63;
  }
}
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
`;
