// Keeps "health" current by taking the page anew.
import { keepCurrent, refresh } from "./page.js";

keepCurrent(refresh, 5);
