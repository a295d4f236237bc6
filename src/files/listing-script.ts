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
  let run = 0;
  // Of each group of rows: the names in it, in lower case, and which of them are hidden. To ask the page itself takes ten times as long.
  const known = new WeakMap();
  function lookAt(group) {
    let rows = known.get(group);
    if (!rows) known.set(group, (rows = { names: [], hidden: [], matches: [] }));
    for (let i = rows.names.length; i < group.rows.length; i++)
      rows.names.push(comparable(group.rows[i].firstElementChild.textContent));
    return rows;
  }
  // A group without any match is hidden as a whole: its rows can stay as they are. How many have been changed is returned.
  function settle(group) {
    const rows = known.get(group);
    if (!rows?.shown) return 0;
    let changed = 0;
    rows.matches.forEach((isShown, i) => {
      if (!rows.hidden[i] !== isShown) group.rows[i].hidden = rows.hidden[i] = !isShown, changed++;
    });
    return changed;
  }
  // A Mac composes no letters, a keyboard does.
  const comparable = (text) => text.normalize().toLowerCase();
  // What one pastes may have what a row shows as a number.
  const numbered = (text) => text.replace(/${HIDDEN_SOURCE}/g, (c) => "[U+" + c.charCodeAt(0).toString(16).padStart(4, "0") + "]");

  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

  // Of a group that has been in sight the browser remembers the room, also when other rows of it are shown. It forgets that of one whose
  // contents are hidden for a frame.
  const isInSight = new WeakMap();
  let isBusy = false;
  addEventListener("contentvisibilityautostatechange", ({ target, skipped }) => {
    if (!skipped || isInSight.has(target)) isInSight.set(target, !skipped);
    if (!skipped && isBusy) settle(target), resized.add(target);
  }, true);
  const resized = new Set();
  let forgetting = [];
  function forget(group) {
    if (isInSight.get(group) !== false) return;
    isInSight.delete(group);
    resized.delete(group);
    group.style.contentVisibility = "hidden";
    forgetting.push(group);
  }
  // Firefox makes boxes of rows that are out of sight: as many are changed at once as it can follow.
  let budget = 400, spent = 0, began;
  const isLong = () => spent > budget || performance.now() - began > 12;
  // False when another key has been pressed meanwhile.
  async function pause(mine) {
    await nextFrame();
    if (mine !== run) return false;
    budget = performance.now() - began > 60 ? Math.max(100, budget / 2) : Math.min(3000, budget * 1.5);
    spent = 0;
    began = performance.now();
    for (const group of forgetting) group.style.contentVisibility = "";
    forgetting = [];
    return true;
  }
  // Some were in sight until others above them grew, or came into sight before their rows were as they are to be.
  async function forgetResized(mine) {
    if (resized.size === 0) return true;
    if (!((await pause(mine)) && (await pause(mine)))) return false;
    resized.forEach(forget);
    resized.clear();
    return pause(mine);
  }

  // In short pieces: 100 000 rows take longer than the time between two keys.
  async function filter() {
    const mine = ++run;
    isBusy = true;
    const words = comparable(numbered(field.value)).split(/\\s+/).filter(Boolean);
    // A click on a column loads the page anew: the filter goes along in the fragment, which no server sees.
    const hash = words.length === 0 ? "" : "#" + encodeURIComponent(field.value);
    for (const part of [$(".about"), $("thead")])
      for (const link of part?.querySelectorAll("th a, .view") ?? []) link.hash = hash;
    const table = $("#entries");
    let found = 0, all = 0, groups = 0;
    const unsettled = [];
    spent = 0;
    began = performance.now();
    for (const group of table?.tBodies ?? []) {
      if (!group.classList.contains("rows")) continue;
      // The first group fills the screen. What it pushes out of it costs no layout any more, once the browser has noticed: in two frames.
      if (groups === 1 || isLong())
        if (!(await pause(mine)) || (groups === 1 && !(await pause(mine)))) return;
      const rows = lookAt(group);
      const matches = (rows.matches = rows.names.map((name) => words.every((word) => name.includes(word))));
      const shown = matches.filter(Boolean).length;
      if (shown !== rows.shown) {
        spent += 20;
        group.hidden = shown === 0;
        // What is out of sight takes as much room as in sight.
        group.style.containIntrinsicSize = "calc(" + shown + " * var(--each))";
        if (isInSight.has(group)) resized.add(group);
        forget(group);
        rows.shown = shown;
      }
      // What is out of sight has its room first, and its rows when all has been counted, or when it comes into sight.
      if (groups === 0 || isInSight.get(group)) spent += settle(group);
      else unsettled.push(group);
      groups++;
      found += shown;
      all += matches.length;
    }
    const none = $("#none");
    if (none) none.hidden = words.length === 0 || found > 0;
    $("#found").textContent = words.length === 0 ? "" : found.toLocaleString("en") + " of " + all.toLocaleString("en") + " shown";
    if (!(await forgetResized(mine))) return;
    for (const group of unsettled) {
      if (isLong() && !(await pause(mine))) return;
      spent += settle(group);
    }
    // Last: a browser refuses it to those who do it often.
    if (location.hash !== hash) history.replaceState(null, "", location.pathname + location.search + hash);
    if (await forgetResized(mine)) isBusy = false;
  }

  // The next row that is shown, or the one before.
  function step(row, side, end) {
    let group = row.parentElement;
    for (;;) {
      while ((row = row[side])) if (!row.hidden) return row;
      do group = group[side];
      while (group?.hidden);
      if (group?.tagName !== "TBODY") return;
      if (!(row = group[end]).hidden) return row;
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
  try { field.value = decodeURIComponent(location.hash.slice(1)); } catch {}
  addEventListener("DOMContentLoaded", () => {
    if (field.value) filter();
  });
})();
`;
