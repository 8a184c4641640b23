"use strict";
// Sort a table by a column: numbers as numbers, empty cells last.
document.querySelectorAll("table[data-sortable]").forEach((table) => {
  const body = table.tBodies[0];
  const heads = table.querySelectorAll("th[data-sort]");
  heads.forEach((head) => {
    const column = Number(head.dataset.sort);
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (row) => row.cells[column].textContent.trim();
      const rows = [...body.rows].sort((a, b) => {
        const x = value(a), y = value(b);
        if (x === "" || y === "") return (x === "") - (y === "");
        const order = isNaN(x) || isNaN(y)
          ? x.localeCompare(y, undefined, { numeric: true }) : Number(x) - Number(y);
        return down ? -order : order;
      });
      body.append(...rows);
    });
  });
});
// Show only the rows of a table that hold a text.
document.querySelectorAll("input[data-filters]").forEach((input) => {
  const rows = document.getElementById(input.dataset.filters).tBodies[0].rows;
  const said = document.getElementById(input.dataset.filters + "-shown");
  input.addEventListener("input", () => {
    const text = input.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(text);
      shown += !row.hidden;
    }
    said.textContent = shown + " of " + rows.length + " images";
  });
});
// Show only the pictures of one list.
document.querySelectorAll("button[data-list]").forEach((button) => {
  button.addEventListener("click", () => {
    document.querySelectorAll("button[data-list]").forEach((other) =>
      other.setAttribute("aria-pressed", String(other === button)));
    document.querySelectorAll(".card[data-lists]").forEach((card) => {
      card.hidden = button.dataset.list !== ""
        && !card.dataset.lists.split(" ").includes(button.dataset.list);
    });
  });
});
document.querySelectorAll(".controls[hidden]").forEach((controls) => { controls.hidden = false; });
