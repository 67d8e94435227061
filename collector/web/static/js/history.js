// The page "history": fetches what is asked for, draws it, and lets mouse, finger and keyboard zoom, move and read.
import { moment, stretch } from "./axis.js";
import { drawChart } from "./chart.js";
import { fetchExpected } from "./expected.js";
import { keepCurrent, refreshLine } from "./page.js";
import { byUnit, estimated, fetchSeries, isEstimated, layOut } from "./series.js";
import { writeTable } from "./table.js";
import { say } from "./words.js";

const holder = document.getElementById("charts");
const { meter, zone } = holder.dataset;
const quantities = holder.dataset.quantities.split(" ");
const whole = { from: +holder.dataset.from, to: +holder.dataset.to };
const bars = holder.dataset.bars === "yes";
const SHORTEST = 10_000;
const NAMES = { raw: say("Every reading"), "1m": say("Minutes"), "15m": say("Quarter hours"), "1h": say("Hours"), "1d": say("Days") };

let shown = { ...whole }, charts = [], series = null, expected = [], layout = null, cursor = null, asked = 0;

function tell(what, hint = "") {
  const note = Object.assign(document.createElement("p"), { className: "none" });
  note.setAttribute("role", "status");
  note.append(what, document.createElement("br"), hint);
  clear();
  holder.append(note);
}

function clear() {
  for (const { plot } of charts) plot.destroy();
  charts = [];
  holder.replaceChildren();
}

function draw() {
  const any = series.quantities.some(({ value }) => value.some((each) => each !== null));
  if (!any) return tell(say("No values are stored in this time."), say("Choose another time, or see under Health whether the meter answers."));
  clear();
  layout = layOut(series);
  const groups = byUnit(layout.columns);
  const height = groups.length === 1 ? Math.max(260, Math.min(420, innerHeight - 380)) : 210;
  const options = { ...shown, zone, height, estimated: estimated(series), expected, onZoom: zoom, back, onRead: read };
  charts = groups.map((columns) => drawChart(holder, columns, layout, options));
  read(null);
}

/** The newest point that has a value: what the legend reads while nobody points at anything. */
const newest = () => layout.at.findLastIndex((_, index) => layout.columns.some(({ drawn }) => drawn[index] !== null));

/** The time of a point of the answer, in words. */
const when = (at) => moment(zone, series.times[at], series.step, series.resolution === "raw") + (isEstimated(series, at) ? say(", estimated time") : "");

function read(index) {
  cursor = index ?? null;
  const point = cursor ?? newest();
  for (const chart of charts) chart.read(point);
  const at = layout.at[point] ?? -1;
  document.getElementById("moment").textContent = at < 0 ? "" : when(at);
}

function describe() {
  const title = document.getElementById("period");
  const isWhole = shown.from === whole.from && shown.to === whole.to;
  title.textContent = isWhole ? title.dataset.title : stretch(zone, shown.from, shown.to);
  const query = new URLSearchParams([["meter", meter], ...quantities.map((each) => ["quantity", each]), ["from", shown.from], ["to", shown.to]]);
  if (!isWhole) history.replaceState(null, "", `/history?${query}`);
  document.getElementById("resolution").textContent = `${NAMES[series.resolution]}${series.resolution === "raw" ? "" : bars ? say(": increase") : say(": mean, with lowest and highest")}${expected.length ? say("; grey: what was expected, 95 of 100 hours") : ""}`;
  const csv = document.getElementById("csv");
  query.set("resolution", series.resolution);
  csv.href = `/api/export.csv?${query}`;
  csv.hidden = false;
  fillTable();
}

function fillTable() {
  const details = document.getElementById("table");
  if (details.open && series) writeTable(details.querySelector(".scroll"), series, when);
}

async function load() {
  const mine = ++asked;
  try {
    const answers = await Promise.all([fetchSeries(meter, quantities, shown, bars), fetchExpected(meter, quantities, shown, bars)]);
    if (mine !== asked) return;
    [series, expected] = answers;
    draw();
    describe();
  } catch (problem) {
    if (mine !== asked) return;
    if (!problem.what) throw problem;
    tell(problem.what, problem.hint);
  }
}

function zoom(from, to) {
  const length = Math.max(SHORTEST, to - from);
  shown = { from: Math.round(from), to: Math.round(from + length) };
  return load();
}

function back() {
  shown = { ...whole };
  history.replaceState(null, "", first);
  return load();
}

function around(factor) {
  const length = (shown.to - shown.from) * factor;
  const at = cursor === null || !layout ? (shown.from + shown.to) / 2 : layout.x[cursor] * 1000;
  const share = (at - shown.from) / (shown.to - shown.from);
  return zoom(at - share * length, at + (1 - share) * length);
}

function step(count) {
  if (!charts.length) return;
  const last = layout.x.length - 1;
  const next = Math.max(0, Math.min(last, cursor === null ? last : cursor + count));
  const { plot } = charts[0];
  plot.setCursor({ left: plot.valToPos(layout.x[next], "x"), top: 10 }, true, true);
  read(next);
}

function move(share) {
  const by = (shown.to - shown.from) * share;
  return zoom(shown.from + by, shown.to + by);
}

const KEYS = {
  ArrowLeft: (event) => (event.shiftKey ? move(-0.5) : step(event.ctrlKey ? -10 : -1)),
  ArrowRight: (event) => (event.shiftKey ? move(0.5) : step(event.ctrlKey ? 10 : 1)),
  "+": () => around(0.5), "=": () => around(0.5), "-": () => around(2),
  Escape: back, 0: back,
};

const first = location.pathname + location.search;
holder.addEventListener("keydown", (event) => {
  const action = KEYS[event.key];
  if (!action || event.altKey || event.metaKey) return;
  event.preventDefault();
  action(event);
});
document.getElementById("table").addEventListener("toggle", fillTable);
// On paper the table stands below the chart.
addEventListener("beforeprint", () => { document.getElementById("table").open = true; fillTable(); });
document.querySelector("select[name=meter]")?.addEventListener("change", (event) => {
  const query = new URLSearchParams(location.search);
  query.set("meter", event.target.value);
  location.search = query;
});
let width = holder.clientWidth;
new ResizeObserver(() => {
  if (holder.clientWidth === width || !charts.length) return;
  width = holder.clientWidth;
  draw();
}).observe(holder);
addEventListener("themechange", () => { if (charts.length) draw(); });
load();
keepCurrent(refreshLine, 10);
