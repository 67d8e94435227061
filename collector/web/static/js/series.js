// Fetches stored values and lays them out for drawing: gaps as gaps, periods at their middle.
import { say } from "./words.js";

const HOUR = 3_600_000;

/** The resolution at which increases make bars that can be told apart. */
const barsFor = (length) => (length <= 3 * HOUR ? "1m" : length <= 96 * HOUR ? "1h" : "1d");

/** The answer of /api/series; throws {what, hint} when there is none. `bars`: only increases are shown. */
export async function fetchSeries(meter, quantities, { from, to }, bars) {
  const query = new URLSearchParams([["meter", meter], ...quantities.map((each) => ["quantity", each]), ["from", from], ["to", to]]);
  if (bars) query.set("resolution", barsFor(to - from));
  let answer;
  try {
    answer = await fetch(`/api/series?${query}`);
  } catch {
    throw { what: say("The logger does not answer."), hint: say("It is tried again when you choose a time.") };
  }
  const body = await answer.json();
  if (!answer.ok) throw body.error;
  return body;
}

/** Where a line may not go on: more than this many ms between two values. */
const reach = (series) => series.step * (series.resolution === "raw" ? 3 : 1.5);

/** {x, at, columns}: x in s; `at[i]` is the index in the answer, or -1 where a gap was put in. */
export function layOut(series) {
  const half = series.resolution === "raw" ? 0 : series.step / 2;
  const x = [], at = [];
  series.times.forEach((time, index) => {
    if (index && time - series.times[index - 1] > reach(series)) {
      x.push((series.times[index - 1] + series.step + half) / 1000);
      at.push(-1);
    }
    x.push((time + half) / 1000);
    at.push(index);
  });
  const spread = (values) => at.map((index) => (index < 0 ? null : values[index]));
  const columns = series.quantities.map((quantity) => ({
    ...quantity,
    drawn: spread(quantity.increase ?? quantity.value),
    low: quantity.minimum && spread(quantity.minimum),
    high: quantity.maximum && spread(quantity.maximum),
  }));
  return { x, at, columns };
}

/** The time of day of this reading, or of some reading in this period, was estimated (flag 2). */
export const isEstimated = (series, index) => (series.flags[index] & 2) !== 0;

/** Stretches [from, to] in s of estimated time; one goes on as long as a line would. */
export function estimated(series) {
  const found = [];
  series.times.forEach((time, index) => {
    if (!isEstimated(series, index)) return;
    const end = (time + series.step) / 1000;
    if (index && isEstimated(series, index - 1) && time - series.times[index - 1] <= reach(series)) found.at(-1)[1] = end;
    else found.push([time / 1000, end]);
  });
  return found;
}

/** Columns by unit, in order: one chart each. */
export function byUnit(columns) {
  const found = new Map();
  for (const column of columns) {
    const key = `${column.unit}${column.increase ? " increase" : ""}`;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(column);
  }
  return [...found.values()];
}
