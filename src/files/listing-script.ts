// The script of the listing. Without it everything works but the filter and a few keys.

/**
 * In the page before the table, and it looks for rows only when it needs them: the filter is there while rows still arrive. Written for
 * browsers, without modules, and short, because it is part of every listing.
 */
export const LISTING_SCRIPT = `
(() => {
  const $ = (selector) => document.querySelector(selector);
  const field = $("#filter");
  let run = 0;
  const names = new WeakMap();
  const nameOf = (row) => {
    let name = names.get(row);
    if (name === undefined) names.set(row, (name = row.cells[0].textContent.toLowerCase()));
    return name;
  };

  // In short pieces: 100 000 rows take longer than the time between two keys.
  async function filter() {
    const mine = ++run;
    const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
    // A click on a column loads the page anew: the filter goes along in the fragment, which no server sees.
    const hash = words.length === 0 ? "" : "#" + encodeURIComponent(field.value);
    for (const link of document.querySelectorAll("th a, a.view")) link.hash = hash;
    if (location.hash !== hash) history.replaceState(null, "", location.pathname + location.search + hash);
    let found = 0, all = 0, began = performance.now();
    const changes = [];
    for (const group of document.querySelectorAll("tbody.rows")) {
      if (performance.now() - began > 12) {
        await new Promise((resolve) => setTimeout(resolve));
        if (mine !== run) return;
        began = performance.now();
      }
      let shown = 0;
      const others = [];
      for (const row of group.rows) {
        const matches = words.every((word) => nameOf(row).includes(word));
        if (row.hidden === matches) others.push([row, !matches]);
        if (matches) shown++;
      }
      // A group without any is hidden as a whole: its rows can stay as they are.
      if (shown > 0) changes.push(...others);
      if (group.hidden !== (shown === 0)) changes.push([group, shown === 0]);
      found += shown;
      all += group.rows.length;
    }
    // At once, and so with one layout; in pieces it would be one for each.
    for (const [element, isHidden] of changes) element.hidden = isHidden;
    const none = $("#none");
    if (none) none.hidden = words.length === 0 || found > 0;
    $("#found").textContent = words.length === 0 ? "" : found.toLocaleString("en") + " of " + all.toLocaleString("en") + " shown";
  }

  // The next row that is shown, or the one before.
  function step(from, side) {
    let row = from, group = from.parentElement;
    for (;;) {
      row = row[side];
      while (!row) {
        group = group[side];
        if (!group || group.tagName !== "TBODY") return;
        row = side === "nextElementSibling" ? group.firstElementChild : group.lastElementChild;
      }
      if (!row.hidden && !group.hidden) return row;
    }
  }
  function focusOn(event, row) {
    const target = row ? row.querySelector("a") : field;
    event.preventDefault();
    target.focus();
  }

  field.parentElement.hidden = false;
  field.addEventListener("input", filter);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const row = document.activeElement.closest("tbody tr");
    if (event.target === field) {
      const first = $("tbody:not([hidden]) tr:not([hidden])");
      if (event.key === "Escape") { field.value = ""; filter(); }
      else if (event.key === "ArrowDown" && first) focusOn(event, first);
    } else if (event.key === "/") focusOn(event);
    else if (event.key === "ArrowUp" && row) focusOn(event, step(row, "previousElementSibling"));
    else if (event.key === "ArrowDown" && row) focusOn(event, step(row, "nextElementSibling") ?? row);
  });
  // Before the first row, so that it never overwrites what one types while rows arrive.
  try { field.value = decodeURIComponent(location.hash.slice(1)); } catch {}
  addEventListener("DOMContentLoaded", () => {
    if (field.value) filter();
  });
})();
`;
