// Keeps a page current: counts ages on, and takes a fresh copy of the page's content from the server.
import { age } from "./figures.js";
import { say } from "./words.js";

let offset = 0; // the site's clock minus this browser's, ms

/** The site's time, UTC ms. */
export const siteNow = () => Date.now() + offset;

/** Tells what the site's clock shows at this moment. */
export function setSiteNow(now) { offset = now - Date.now(); }

/** Writes every age anew. */
export function countAges() {
  for (const node of document.querySelectorAll(".age[data-time]")) {
    const text = age((siteNow() - node.dataset.time) / 1000);
    if (node.textContent !== text) node.textContent = text;
  }
}

/** Sets the clock by the page's own head; ages count on from there. */
export function readClock() {
  const now = document.getElementById("state")?.dataset.now;
  if (now) setSiteNow(+now);
}

const marked = (node) => node?.id || node?.dataset?.q;

async function fetchContent() {
  const response = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(15_000) });
  return new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
}

/** The line that is read aloud stays the same node while it says the same. */
function keepLine(old, state) {
  if (!old || !state || old.dataset.line !== state.dataset.line || old.dataset.lost) return state;
  old.dataset.now = state.dataset.now;
  old.querySelector(".when")?.replaceWith(state.querySelector(".when") ?? "");
  return old;
}

/** Replaces only the line that says whether the logger runs. */
export async function refreshLine() {
  const state = (await fetchContent())?.querySelector("#state");
  const old = document.getElementById("state");
  if (!state || !old) return;
  old.replaceWith(keepLine(old, state));
  readClock();
}

/** Replaces the content by what the server says now; keeps what is unfolded, what is focused and where one looks. */
export async function refresh() {
  const fresh = await fetchContent();
  if (!fresh) return;
  const main = document.querySelector("main");
  for (const details of main.querySelectorAll("details[id]")) {
    const twin = fresh.querySelector(`#${details.id}`);
    if (twin) twin.open = details.open;
  }
  const old = main.querySelector("#state"), state = fresh.querySelector("#state");
  const focused = marked(main.contains(document.activeElement) ? document.activeElement : null);
  if (state) state.replaceWith(keepLine(old, state));
  main.replaceChildren(...fresh.childNodes);
  if (focused) (document.getElementById(focused) ?? main.querySelector(`[data-q="${focused}"]`))?.focus({ preventScroll: true });
  readClock();
}

/** Keeps something current that is taken from the server every so many seconds, and says when the server is gone. */
export function keepCurrent(task, seconds) {
  readClock();
  setInterval(countAges, 1000);
  repeat(async () => {
    try {
      await task();
      reached(true);
    } catch {
      reached(false);
    }
  }, () => seconds);
}

/** Runs `task` again and again, `seconds` after it ended, while somebody looks; at once when somebody looks again. */
export function repeat(task, seconds) {
  let timer = 0, running = false;
  const turn = async () => {
    if (running) return;
    running = true;
    clearTimeout(timer);
    try { await task(); } finally { running = false; }
    if (!document.hidden) timer = setTimeout(turn, seconds() * 1000);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) turn(); });
  timer = setTimeout(turn, seconds() * 1000);
}

/** Says that the server no longer answers, or that it does again. */
export function reached(yes) {
  const state = document.getElementById("state");
  if (!state || yes === !state.dataset.lost) return;
  const line = state.querySelector(".line");
  if (yes) {
    line.textContent = state.dataset.line;
    state.classList.remove("wrong");
    delete state.dataset.lost;
    return;
  }
  state.dataset.lost = "yes";
  state.classList.add("wrong");
  line.textContent = say("This page has lost its logger. What you see is old.");
}
