// Keeps the wall display current without a hand; several meters take turns. Without contact it says so and goes on trying.
import { countAges, keepCurrent, refresh } from "./page.js";

const EVERY = 5, TURN = 20_000;
let turned = Date.now();

/** The next meter's turn, when more than one is shown; its address is asked for from now on. */
function next() {
  const { meters, shown } = document.getElementById("turn").dataset;
  const all = JSON.parse(meters);
  if (all.length < 2 || Date.now() - turned < TURN) return;
  turned = Date.now();
  const at = all.indexOf(shown) + 1;
  const order = [...all.slice(at), ...all.slice(0, at)];
  history.replaceState(null, "", `/screen?${new URLSearchParams(order.map((name) => ["meter", name]))}`);
}

keepCurrent(async () => {
  next();
  await refresh();
  countAges();
}, EVERY);
