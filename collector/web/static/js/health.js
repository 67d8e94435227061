// Keeps "health" current by taking the page anew.
import { reached, refresh, repeat } from "./page.js";

repeat(async () => {
  try {
    await refresh();
    reached(true);
  } catch {
    reached(false);
  }
}, () => 5);
