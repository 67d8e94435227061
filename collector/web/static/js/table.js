// Writes the same series as a table, for those who read figures rather than lines.
import { figure, scaleFor } from "./figures.js";
import { say } from "./words.js";

const cell = (row, tag, text) => {
  const node = row.insertCell ? document.createElement(tag) : document.createElement("td");
  node.textContent = text;
  row.append(node);
};

/** Fills `holder` with a table of the series. `when(row)`: the time of a row in words. */
export function writeTable(holder, series, when) {
  const table = document.createElement("table");
  table.className = "grid";
  const scales = series.quantities.map(largest);
  const head = table.createTHead().insertRow();
  cell(head, "th", say("Time"));
  series.quantities.forEach((each, index) => cell(head, "th", `${each.label}, ${scales[index].unit || "–"}`));
  const body = table.createTBody();
  series.times.forEach((_, row) => {
    const line = body.insertRow();
    cell(line, "th", when(row));
    series.quantities.forEach((each, index) => {
      const { exponent, decimals } = scales[index];
      cell(line, "td", figure((each.increase ?? each.value)[row], exponent, decimals).join(""));
    });
  });
  holder.replaceChildren(table);
}

function largest(quantity) {
  const size = Math.max(0, ...(quantity.increase ?? quantity.value).map((value) => Math.abs(value ?? 0)));
  return scaleFor(quantity.unit, size);
}
