"use strict";
// Adds what reading does not need: sorting, filtering, and a threshold to try. Without it nothing is missing.
(() => {
  const made = (tag, text, attributes = {}) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.textContent = text;
    return element;
  };

  // A number is compared as a number: "1,204", "87 %", "0.79".
  const value = (cell) => {
    const text = (cell?.textContent ?? "").trim();
    const number = Number.parseFloat(text.replace(/,/g, "").replace(/^(under|over) /, ""));
    return cell?.classList.contains("num") ? (Number.isNaN(number) ? -1 : number) : text;
  };
  const compare = (one, two) =>
    typeof one === "number" && typeof two === "number" ? two - one : String(one).localeCompare(String(two));

  const sort = (table, column, button) => {
    const turned = button.getAttribute("aria-pressed") === "true" ? -1 : 1;
    const rows = [...table.querySelectorAll("tbody tr")].map((row) => [value(row.cells[column]), row]);
    rows.sort((one, two) => turned * compare(one[0], two[0]));
    table.tBodies[0].append(...rows.map(([, row]) => row));
    unpressed(table);
    button.setAttribute("aria-pressed", String(turned === 1));
  };
  const unpressed = (table) =>
    table.querySelectorAll("thead button").forEach((button) => button.setAttribute("aria-pressed", "false"));

  // A link leads to all that it counts: what a filter hides is shown, and a group that sorting took apart is whole
  // again. Browsers open the folds around a place by themselves, but for old ones.
  const groups = new Map();
  const reveal = (target) => {
    const inside = (table) => table.contains(target) || target.contains(table);
    for (const [table, bodies] of groups) {
      if (!inside(table)) continue;
      table.querySelectorAll(".filtered").forEach((row) => row.classList.remove("filtered"));
      table.filter && (table.filter.value = "");
      if (bodies.length < 2 || target.contains(table)) continue;
      bodies.forEach(([body, rows]) => body.append(...rows));
      unpressed(table);
    }
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    const target = link && document.getElementById(link.getAttribute("href").slice(1));
    if (target) reveal(target);
  });

  for (const table of document.querySelectorAll("table.list")) {
    groups.set(table, [...table.tBodies].map((body) => [body, [...body.rows]]));
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = made("button", head.textContent, { type: "button", title: "Sort by this column" });
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => sort(table, column, button));
      head.replaceChildren(button);
    });
    if (table.querySelectorAll("tbody tr").length < 8) continue;
    const label = made("label", "Filter ", { className: "control" });
    const field = made("input", "", { type: "search", autocomplete: "off" });
    table.filter = field;
    label.append(field);
    table.parentElement.before(label);
    field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase();
      for (const row of table.querySelectorAll("tbody tr"))
        row.classList.toggle("filtered", !row.textContent.toLowerCase().includes(wanted));
    });
  }

  const chart = document.querySelector(".chart[data-threshold]");
  const listed = [...document.querySelectorAll("#pair-list tbody tr")];
  if (!chart || !listed.length) return;
  const scored = [...document.querySelectorAll("[data-score]")];
  const label = made("label", "Try another threshold ", { className: "control" });
  const field = made("input", "", { type: "range", min: "0", max: "1", step: "0.01" });
  field.value = chart.dataset.threshold;
  const told = made("output", "");
  label.append(field, told);
  chart.parentElement.querySelector(".narrow-chart").after(label);
  field.addEventListener("input", () => {
    const least = Number(field.value);
    for (const item of scored) item.classList.toggle("below", Number(item.dataset.score) < least);
    const over = listed.filter((row) => !row.classList.contains("below")).length;
    told.textContent = ` ${over} of ${listed.length} listed pairs score ${least.toFixed(2)} or more; the others are dimmed.`;
  });
})();
