// Draws one chart per unit with uPlot: mean with its min-max band, gaps as gaps, estimated time hatched.
/* global uPlot */
import { figure, scaleFor } from "./figures.js";
import { tickLabels } from "./axis.js";
import { shade } from "./expected.js";

const PHASE = /_(l[123])(?:_|$)/;
const OTHERS = ["--ink", "--other-1", "--other-2", "--other-3", "--quiet"];
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A colour name for each column: phases have their own everywhere, the others what is left. */
function colours(columns) {
  let next = 0;
  return columns.map(({ name }) => {
    const phase = PHASE.exec(name);
    return phase ? `--${phase[1]}` : OTHERS[next++ % OTHERS.length];
  });
}

/** Columns of the same phase in one chart are told apart by dashes. */
function dashes(columns, names) {
  const seen = {};
  return columns.map((_, index) => {
    const nth = seen[names[index]] = (seen[names[index]] ?? -1) + 1;
    return nth ? [4 * nth + 2, 4] : undefined;
  });
}

function sizeOf(columns) {
  let most = 0;
  for (const { drawn, high, low } of columns)
    for (const values of [drawn, high, low])
      for (const value of values ?? []) if (value !== null && Math.abs(value) > most) most = Math.abs(value);
  return most;
}

function hatch(plot, stretches) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour("--rule");
  ctx.lineWidth = devicePixelRatio;
  for (const [from, to] of stretches) {
    const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, "x", true));
    if (right <= left) continue;
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.save();
    ctx.clip();
    ctx.beginPath();
    for (let x = left - bbox.height; x < right; x += 8 * devicePixelRatio) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
  }
  ctx.restore();
}

function legend(columns, names, dash, unit) {
  const list = document.createElement("ul");
  list.className = "legend";
  const reads = columns.map((column, index) => {
    const item = document.createElement("li");
    const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", "M0 5H18");
    line.setAttribute("stroke-width", "2.5");
    line.setAttribute("stroke", colour(names[index]));
    if (dash[index]) line.setAttribute("stroke-dasharray", "5 3");
    swatch.setAttribute("aria-hidden", "true");
    swatch.append(line);
    const [read, band] = ["read", "band"].map((name) => Object.assign(document.createElement("span"), { className: name }));
    const shown = Object.assign(document.createElement("span"), { className: "unit" });
    item.append(swatch, column.label, " ", read, shown, band);
    list.append(item);
    return { band, tell: (text) => { read.textContent = text; shown.textContent = text && unit; } };
  });
  return { list, reads };
}

const axisStyle = () => ({
  stroke: colour("--quiet"),
  font: `12px ${getComputedStyle(document.body).fontFamily}`,
  grid: { stroke: colour("--rule"), width: 1 },
  ticks: { show: false },
});

/** All bands come first, so that none is painted over a line. */
function lines(columns, names, dash) {
  const series = [{}], data = [], bands = [];
  const edge = { stroke: "transparent", width: 0, points: { show: false } };
  columns.forEach((column, index) => {
    if (!column.high) return;
    series.push({ ...edge }, { ...edge });
    data.push(column.high, column.low);
    bands.push({ series: [series.length - 2, series.length - 1], fill: colour(names[index]) + (columns.length > 1 ? "22" : "2e") });
  });
  columns.forEach((column, index) => {
    const stroke = colour(names[index]);
    const bars = column.increase && { paths: uPlot.paths.bars({ size: [0.75, 60], align: 0 }), fill: `${stroke}90`, width: 0 };
    series.push({ stroke, width: 1.5, dash: dash[index], points: { show: false }, ...bars });
    data.push(column.drawn);
  });
  return { series, data, bands };
}

/** Draws columns of one unit into `holder`. Returns {plot, read(index)}: `read` writes the legend for one point. */
export function drawChart(holder, columns, layout, options) {
  const scale = scaleFor(columns[0].unit, sizeOf(columns));
  const names = colours(columns), dash = dashes(columns, names);
  const { list, reads } = legend(columns, names, dash, scale.unit);
  const { series, data, bands } = lines(columns, names, dash);
  const panel = Object.assign(document.createElement("div"), { className: "panel" });
  panel.append(list);
  holder.append(panel);
  const text = (value) => figure(value, scale.exponent, scale.decimals).join("");
  const counted = Boolean(columns[0].increase);
  const plot = new uPlot({
    width: holder.clientWidth, height: options.height, series, bands,
    legend: { show: false },
    padding: [8, 36, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), options.zone),
    cursor: { sync: { key: "history" }, drag: { x: true, y: false, setScale: false }, points: { size: 6 }, y: false, bind: { dblclick: () => () => options.back() } },
    scales: { x: { range: () => [options.from / 1000, options.to / 1000] }, y: counted ? { range: (_, low, high) => [Math.min(0, low), Math.max(0, high) * 1.05 || 1] } : {} },
    axes: [
      { ...axisStyle(), size: (_, labels) => (labels?.some((each) => each?.includes("\n")) ? 42 : 26), space: 70, values: (_, ticks, __, ___, distance) => tickLabels(options.zone, ticks, distance) },
      { ...axisStyle(), size: 58, values: (_, ticks) => tickFigures(ticks, scale) },
    ],
    hooks: {
      drawClear: [(self) => shade(self, options.expected, colour("--rule")), (self) => hatch(self, options.estimated)],
      setCursor: [(self) => options.onRead(self.cursor.idx)],
      setSelect: [(self) => {
        const { left, width } = self.select;
        if (width > 4) options.onZoom(self.posToVal(left, "x") * 1000, self.posToVal(left + width, "x") * 1000);
        self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
  }, [layout.x, ...data], panel);
  const read = (index) => columns.forEach((column, nth) => {
    const known = index !== null && index !== undefined && layout.at[index] >= 0;
    reads[nth].tell(known ? text(column.drawn[index]) : "");
    reads[nth].band.textContent = known && column.high && column.high[index] !== null ? `${text(column.low[index])} … ${text(column.high[index])}` : "";
  });
  return { plot, read };
}

/** Axis figures with as many decimals as their distance needs. */
function tickFigures(ticks, { exponent, unit }) {
  const distance = ticks.length > 1 ? (ticks[1] - ticks[0]) / 10 ** exponent : 1;
  const decimals = Math.max(0, Math.min(4, -Math.floor(Math.log10(distance) + 1e-9)));
  return ticks.map((tick, index) => figure(tick, exponent, decimals).join("") + (index === ticks.length - 1 ? ` ${unit}` : ""));
}
