// Keeps a page current: counts ages on, and takes a fresh copy of the page's content from the server.
import { age } from "./figures.js";

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

const marked = (node) => node?.id || node?.dataset?.q;

/** Replaces the content by what the server says now; keeps what is unfolded, what is focused and where one looks. */
export async function refresh() {
  const response = await fetch(location.href, { cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
  if (!fresh) return;
  const main = document.querySelector("main");
  for (const details of main.querySelectorAll("details[id]")) {
    const twin = fresh.querySelector(`#${details.id}`);
    if (twin) twin.open = details.open;
  }
  const old = main.querySelector("#state"), state = fresh.querySelector("#state");
  const focused = marked(main.contains(document.activeElement) ? document.activeElement : null);
  // The line that is read aloud stays the same node while it says the same.
  if (old && state && old.dataset.line === state.dataset.line) {
    old.querySelector(".when")?.replaceWith(state.querySelector(".when") ?? "");
    state.replaceWith(old);
  }
  main.replaceChildren(...fresh.childNodes);
  if (focused) (document.getElementById(focused) ?? main.querySelector(`[data-q="${focused}"]`))?.focus({ preventScroll: true });
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
  line.textContent = "This page has lost its logger. What you see is old.";
}
