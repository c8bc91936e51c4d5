"use strict";
(() => {
  const table = document.getElementById("table");
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
  const value = (row, column) => row.cells[column].textContent.trim();
  heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    rows.sort((a, b) => {
      const [x, y] = [value(a, column), value(b, column)];
      if (!x || !y) return (x ? 0 : 1) - (y ? 0 : 1);
      return (down ? -1 : 1) * compare(x, y);
    });
    table.tBodies[0].append(...rows);
  }));
  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    rows.forEach((row) => { row.hidden = !(row.textContent + row.dataset.mistakes).toLowerCase().includes(wanted); });
    count.textContent = wanted ? rows.filter((row) => !row.hidden).length + " of " + rows.length : "";
  });
})();
