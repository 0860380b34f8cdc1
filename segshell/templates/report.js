"use strict";
(() => {
  const every = (selector, within = document) => [...within.querySelectorAll(selector)];
  document.documentElement.classList.add("has-script");

  const keyOf = (row, column, isNumber) => {
    const cell = row.cells[column];
    if (!isNumber) return cell.textContent.trim();
    return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
  };

  const sort = (table, column, button) => {
    const heading = button.parentElement;
    const isNumber = heading.classList.contains("number");
    const before = heading.getAttribute("aria-sort");
    const first = button.dataset.best === "max" ? "descending" : "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const order = before === first ? second : first;
    const sign = order === "ascending" ? 1 : -1;
    const keyed = [...table.tBodies[0].rows].map((row) => [keyOf(row, column, isNumber), row]);
    keyed.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null); // without a value: last
      return sign * (isNumber ? a - b : a.localeCompare(b, "en", { numeric: true }));
    });
    table.tBodies[0].append(...keyed.map(([, row]) => row));
    every("th[aria-sort]", table.tHead).forEach((one) => one.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", order);
  };

  every("table.sortable").forEach((table) =>
    every("thead button", table).forEach((button, column) =>
      button.addEventListener("click", () => sort(table, column, button))));

  const text = document.getElementById("filter-text");
  const state = document.getElementById("filter-state");
  const count = document.getElementById("filter-count");
  const rows = every("table.sortable tbody tr");
  const leaders = every("#leaderboard tbody tr");
  const entries = every("details.entry");
  const experimentOf = (row) => row.cells[1].firstElementChild.getAttribute("href").slice(1);

  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set();
    rows.forEach((row) => {
      const said = row.textContent.toLowerCase();
      const fits = (!state.value || row.dataset.state === state.value) && words.every((one) => said.includes(one));
      if (fits) shown.add(experimentOf(row));
    });
    rows.forEach((row) => { row.hidden = !shown.has(experimentOf(row)); });
    entries.forEach((entry) => { entry.hidden = !shown.has(entry.id); });
    count.textContent = shown.size === leaders.length ? "" : `${shown.size} of ${leaders.length} shown`;
  };
  text.addEventListener("input", filter);
  state.addEventListener("change", filter);
  text.form.addEventListener("submit", (event) => event.preventDefault());

  const openTarget = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", openTarget);
  every('a[href^="#experiment-"]').forEach((link) => link.addEventListener("click", () => {
    document.getElementById(link.getAttribute("href").slice(1)).open = true;
  }));
  openTarget();

  // Paper cannot be unfolded.
  let closed = [];
  window.addEventListener("beforeprint", () => {
    const folded = every("details:not([open])");
    folded.forEach((one) => { one.open = true; });
    closed.push(...folded);
  });
  window.addEventListener("afterprint", () => {
    closed.forEach((one) => { one.open = false; });
    closed = [];
  });
})();
