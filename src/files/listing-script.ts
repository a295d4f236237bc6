// The script of the listing. Without it everything works but the filter and a few keys.

import { HIDDEN_SOURCE } from "./shown-name.ts";

/**
 * In the page before the table, and it looks for rows only when it needs them: the filter is there while rows still arrive. Written for
 * browsers, without modules, and short, because it is part of every listing.
 */
export const LISTING_SCRIPT = `
(() => {
  const $ = (selector) => document.querySelector(selector);
  const field = $("#filter");
  // Of each group of rows: the names in it, in lower case, which of them match, and which rows are hidden. To ask the page itself takes
  // ten times as long.
  const known = new WeakMap();
  function lookAt(group) {
    let rows = known.get(group);
    if (!rows) known.set(group, (rows = { names: [], hidden: [], matches: [] }));
    // More of a group that was filtered before it was whole: all of it counts as changed.
    if (rows.names.length > 0 && rows.names.length < group.rows.length) rows.matches = [];
    for (let i = rows.names.length; i < group.rows.length; i++) {
      rows.names.push(comparable(group.rows[i].firstElementChild.textContent));
      rows.matches.push(true);
    }
    return rows;
  }
  // A Mac composes no letters, a keyboard does.
  const comparable = (text) => text.normalize().toLowerCase();
  // What one pastes may have what a row shows as a number.
  const numbered = (text) => text.replace(/${HIDDEN_SOURCE}/g, (c) => "[U+" + c.charCodeAt(0).toString(16).padStart(4, "0") + "]");

  // A group that is late has the room of its rows and none of them. Firefox and WebKit make styles and boxes also of rows that nobody sees,
  // and those of 100 000 hold the page for seconds: they come with what is in sight, and the rest bit by bit.
  const isLate = (group) => group.classList.contains("late");
  function show(group) {
    if (group.hidden) return;
    const rows = known.get(group);
    rows?.matches.forEach((isMatch, i) => {
      if (!rows.hidden[i] !== isMatch) group.rows[i].hidden = rows.hidden[i] = !isMatch;
    });
    group.classList.remove("late");
  }
  const inSight = new Set();
  const sight = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      inSight[isIntersecting ? "add" : "delete"](target);
      if (isIntersecting) show(target);
    }
  }, { rootMargin: "100%" });
  // Rows arrive before there is an end of the page.
  const groups = [];
  function watch() {
    const bodies = $("#entries")?.tBodies ?? [];
    for (let i = groups.length + (bodies[0]?.className === "parent"); i < bodies.length; i++) {
      groups.push(bodies[i]);
      sight.observe(bodies[i]);
    }
    if (document.readyState === "loading") requestAnimationFrame(watch);
  }
  requestAnimationFrame(watch);

  // Short pieces: as much at once as the browser can follow within a frame or two.
  let run = 0, began, spent = 0, budget = 100;
  const isLong = () => spent > budget || performance.now() - began > 8;
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  function begin() {
    spent = 0;
    began = performance.now();
  }
  // False when another key has been pressed meanwhile.
  async function pause(mine) {
    await nextFrame();
    if (mine !== run) return false;
    budget = performance.now() - began > 60 ? Math.max(100, budget / 2) : Math.min(1000, budget * 1.5);
    begin();
    for (const group of inSight) if (isLate(group)) show(group);
    return true;
  }
  // A search in the page finds rows when they are there.
  async function showRest(mine) {
    begin();
    for (const group of groups) {
      if (group.hidden || !isLate(group)) continue;
      if (isLong() && !(await pause(mine))) return;
      show(group);
      spent += 10;
    }
  }

  // 100 000 rows take longer than the time between two keys.
  async function filter() {
    const mine = ++run;
    const words = comparable(numbered(field.value)).split(/\\s+/).filter(Boolean);
    // A click on a column loads the page anew: the filter goes along in the fragment, which no server sees.
    const hash = words.length === 0 ? "" : "#filter=" + encodeURIComponent(field.value);
    for (const part of [$(".about"), $("thead")])
      for (const link of part?.querySelectorAll("th a, .view") ?? []) link.hash = hash;
    let found = 0, all = 0;
    watch();
    begin();
    for (const group of groups) {
      if (isLong() && !(await pause(mine))) return;
      const rows = lookAt(group);
      const matches = rows.names.map((name) => words.every((word) => name.includes(word)));
      const shown = matches.filter(Boolean).length;
      if (matches.some((isMatch, i) => isMatch !== rows.matches[i])) {
        rows.matches = matches;
        group.hidden = shown === 0;
        group.style.containIntrinsicSize = "calc(" + shown + " * var(--each))";
        spent += isLate(group) ? 1 : 10;
        // The first ones fill the screen.
        if (found < 100 && shown > 0) show(group);
        else group.classList.add("late");
      }
      found += shown;
      all += matches.length;
    }
    const none = $("#none");
    if (none) none.hidden = words.length === 0 || found > 0;
    $("#found").textContent = words.length === 0 ? "" : found.toLocaleString("en") + " of " + all.toLocaleString("en") + " shown";
    if (!(await pause(mine))) return;
    // Not at each key: a browser refuses it to those who do it often.
    if (location.hash !== hash) history.replaceState(null, "", location.pathname + location.search + hash);
    await showRest(mine);
  }

  // The next row that is shown, or the one before.
  function step(row, side, end) {
    let group = row.parentElement;
    for (;;) {
      while ((row = row[side])) if (!row.hidden) return row;
      do group = group[side];
      while (group?.hidden);
      if (group?.tagName !== "TBODY") return;
      show(group);
      if (!(row = group[end]).hidden) return row;
    }
  }
  function focusOn(event, row) {
    const target = row ? row.querySelector("a") : field;
    event.preventDefault();
    target.focus();
  }

  addEventListener("beforeprint", () => groups.forEach(show));
  field.parentElement.hidden = false;
  document.body.classList.add("scripted");
  field.addEventListener("input", filter);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const row = document.activeElement.closest("tbody tr");
    if (event.target === field) {
      if (event.key === "Escape") { field.value = ""; filter(); }
      // From the head of the table, whose row is followed by the first that is shown.
      else if (event.key === "ArrowDown" && $("thead")) focusOn(event, step($("thead tr"), "nextElementSibling", "firstElementChild"));
    } else if (event.key === "/") focusOn(event);
    else if (event.key === "ArrowUp" && row) focusOn(event, step(row, "previousElementSibling", "lastElementChild"));
    else if (event.key === "ArrowDown" && row) focusOn(event, step(row, "nextElementSibling", "firstElementChild") ?? row);
  });
  // Many a kind of image is none to a browser: then it has its icon.
  addEventListener("error", ({ target }) => {
    if (target.tagName !== "IMG") return;
    target.parentElement.className = "image";
    target.remove();
  }, true);
  // Before the first row, so that it never overwrites what one types while rows arrive.
  try { field.value = decodeURIComponent(/^#filter=(.*)/.exec(location.hash)?.[1] ?? ""); } catch {}
  addEventListener("DOMContentLoaded", () => {
    watch();
    if (field.value) filter();
    else showRest(run);
  });
})();
`;
