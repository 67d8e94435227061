// Writes times in the site's zone: along the axis as short as the distance of its ticks allows, and in full for the reading.
import { language } from "./words.js";

const formats = new Map();
function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, { timeZone: zone, hourCycle: "h23", ...options }));
  return formats.get(key);
}

const TIME = { hour: "2-digit", minute: "2-digit" };
const DATE = { day: "numeric", month: "short" };

/** Labels of ticks (s) that are `distance` s apart; where a day or a year begins it is named. */
export function tickLabels(zone, ticks, distance) {
  const write = (options, tick) => format(zone, options).format(tick * 1000);
  let before = null;
  return ticks.map((tick) => {
    const large = distance >= 86400 ? write({ year: "numeric" }, tick) : write(DATE, tick);
    const fresh = large !== before && before !== null;
    before = large;
    if (distance >= 28 * 86400) return fresh ? `${write({ month: "short" }, tick)}\n${large}` : write({ month: "short" }, tick);
    if (distance >= 86400) return write(DATE, tick);
    const time = write(distance < 60 ? { ...TIME, second: "2-digit" } : TIME, tick);
    return fresh ? `${time}\n${large}` : time;
  });
}

/** The moment or the period that begins at `ms` and lasts `step` ms, in full. */
export function moment(zone, ms, step, raw) {
  const write = (options, at) => format(zone, options).format(at);
  const date = write({ weekday: "short", day: "numeric", month: "short", year: "numeric" }, ms);
  if (step >= 86_400_000) return date;
  if (raw) return `${date}, ${write({ ...TIME, second: "2-digit" }, ms)}`;
  return `${date}, ${write(TIME, ms)}–${write(TIME, ms + step)}`;
}

/** A stretch of time in full. */
export function stretch(zone, from, to) {
  const write = (options, at) => format(zone, options).format(at);
  const seconds = to - from < 600_000 ? { second: "2-digit" } : {};
  const whole = { ...DATE, year: "numeric", ...TIME, ...seconds };
  const sameDay = write({ ...DATE, year: "numeric" }, from) === write({ ...DATE, year: "numeric" }, to);
  return `${write(whole, from)} – ${write(sameDay ? { ...TIME, ...seconds } : whole, to)}`;
}
