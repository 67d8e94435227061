// Keeps "now" current: figures every period, everything else when it changes and at least once a minute.
import { figure } from "./figures.js";
import { say } from "./words.js";
import { countAges, reached, refresh, repeat, setSiteNow, siteNow } from "./page.js";

const STALE_PERIODS = 3;
const MINUTE = 60_000;

let told, meter, etag = null, refreshed = Date.now();

function begin() {
  told = JSON.parse(document.getElementById("live").textContent);
  meter = told.meters.find((each) => Object.keys(each.values).length > 1)?.name ?? document.querySelector("#meter-name").firstChild.data.trim();
  addPowerFactors(told.meters.find((each) => each.name === meter)?.values ?? {});
  setSiteNow(told.now);
}

/** Writes one figure; false when it no longer fits its scale, so that the server should choose anew. */
function write(node, value) {
  const { exp, dec } = node.dataset;
  const [whole, rest] = figure(value, +exp, +dec);
  const parts = node.querySelectorAll(".i, .f");
  if (parts.length) {
    if (parts[0].textContent !== whole) parts[0].textContent = whole;
    if (parts[1].textContent !== rest) parts[1].textContent = rest;
  } else if (node.textContent !== whole + rest) node.textContent = whole + rest;
  return value === null || Math.abs(value) < 10 ** (+exp + 5);
}

function drawBar(bar, value) {
  const { low, high } = bar.dataset;
  const at = value === null ? 50 : Math.min(100, Math.max(0, ((value - low) / (high - low)) * 100));
  const rect = bar.querySelector(".value");
  rect.setAttribute("x", Math.min(at, 50).toFixed(1));
  rect.setAttribute("width", Math.abs(at - 50).toFixed(1));
}

/** Shows what came; true when more than figures has changed. */
function show(answer) {
  const before = new Map(told.meters.map((each) => [each.name, each]));
  let moved = answer.state.line !== told.state.line || answer.state.more !== told.state.more;
  for (const each of answer.meters) {
    moved ||= before.get(each.name)?.state !== each.state;
    if (each.name === meter) moved = showValues(each.values, before.get(meter)?.values ?? {}) || moved;
    const figureNode = document.querySelector(`[data-meter="${CSS.escape(each.name)}"] .figure`);
    const power = each.values.active_power_total;
    if (figureNode && power) moved = !write(figureNode, power.value) || moved;
  }
  told = answer;
  return moved;
}

/** The power factor of a phase where the meter leaves the division to us, as the server does it. */
function addPowerFactors(values) {
  for (const phase of ["l1", "l2", "l3"]) {
    const active = values[`active_power_${phase}`], apparent = values[`apparent_power_${phase}`];
    if (values[`power_factor_${phase}`] || !active || !apparent) continue;
    const usable = active.value !== null && apparent.value !== null && apparent.value >= 1;
    values[`power_factor_${phase}`] = { value: usable ? active.value / apparent.value : null, time: Math.min(active.time, apparent.time) };
  }
}

function showValues(values, before) {
  let moved = false;
  addPowerFactors(values);
  for (const [name, { value, time }] of Object.entries(values)) {
    const known = before[name];
    moved ||= !known || (known.value === null) !== (value === null);
    for (const node of document.querySelectorAll(`[data-q="${name}"]`)) {
      moved = !write(node, value) || moved;
      node.dataset.time = time;
      const seen = node.closest("tr")?.querySelector("td.age");
      if (seen) seen.dataset.time = time;
    }
    for (const bar of document.querySelectorAll(`.bar[data-of="${name}"]`)) drawBar(bar, value);
  }
  const newest = document.querySelector("#state .age");
  const times = Object.values(values).map((each) => each.time);
  if (newest && times.length) newest.dataset.time = Math.max(newest.dataset.time, ...times);
  return moved;
}

/** A value that has not come for three periods looks like it, whether the server still answers or not. */
function markStale() {
  for (const node of document.querySelectorAll(".num[data-time]")) {
    const stale = siteNow() - node.dataset.time > STALE_PERIODS * node.dataset.period * 1000;
    if (stale === node.classList.contains("stale")) continue;
    node.classList.toggle("stale", stale);
    node.classList.toggle("good", !stale && !node.classList.contains("missing"));
    const quality = node.closest("tr")?.querySelector(".quality");
    if (quality) quality.textContent = stale ? say("stale") : node.classList.contains("missing") ? say("missing") : say("good");
  }
}

async function poll() {
  try {
    const answer = await fetch(`/api/live?meter=${encodeURIComponent(meter)}`, {
      cache: "no-store", headers: etag ? { "If-None-Match": etag } : {}, signal: AbortSignal.timeout(10_000),
    });
    reached(true);
    if (answer.status === 200) {
      etag = answer.headers.get("ETag");
      const body = await answer.json();
      setSiteNow(body.now);
      if (show(body) || Date.now() - refreshed > MINUTE) await renew();
    } else if (Date.now() - refreshed > MINUTE) await renew();
  } catch {
    reached(false);
  }
}

async function renew() {
  refreshed = Date.now();
  await refresh();
  begin();
}

const period = () => Math.min(10, Math.max(1, told.meters.find((each) => each.name === meter)?.every ?? 1));

begin();
repeat(poll, period);
setInterval(() => { countAges(); markStale(); }, 500);
