// Writes numbers and ages exactly as collector/web/wording.py does (a test compares the two).
import { decimal } from "./words.js";

const THIN = "\u202f";
const PREFIXES = { 0: "", 3: "k", 6: "M", 9: "G" };
const PREFIXED = new Set(["V", "A", "W", "var", "VA", "Wh", "varh", "VAh"]);
const DECIMALS = { Hz: 2, "%": 2, "°": 1, "": 3 };

/** [what stands before the decimal point, the point and what follows]; a missing value is a dash. */
export function figure(value, exponent, decimals) {
  if (value === null || value === undefined) return ["–", ""];
  const text = (Math.abs(value) / 10 ** exponent).toFixed(decimals);
  const dot = text.indexOf(".");
  const whole = dot < 0 ? text : text.slice(0, dot);
  const rest = dot < 0 ? "" : decimal + text.slice(dot + 1);
  const groups = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN) : whole;
  return [(value < 0 && /[1-9]/.test(text) ? "−" : "") + groups, rest];
}

/** How long ago, in one short word. */
export function age(seconds) {
  if (seconds < 99.5) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5940) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** The scale at which a chart's figures are written: {exponent, decimals, unit}. */
export function scaleFor(unit, size) {
  if (!PREFIXED.has(unit)) return { exponent: 0, decimals: DECIMALS[unit] ?? 2, unit };
  const from = unit === "V" ? 1e4 : 1e3;
  const exponent = size < from ? 0 : [9, 6, 3].find((e) => size >= 10 ** e);
  const scaled = size / 10 ** exponent;
  const digits = scaled >= 1 ? Math.floor(Math.log10(scaled)) + 1 : 1;
  return { exponent, decimals: Math.max(0, Math.min(3, 4 - digits)), unit: PREFIXES[exponent] + unit };
}
