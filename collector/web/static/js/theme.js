// Keeps the reader's choice of light or dark; runs before the first paint, so that nothing flashes.
(() => {
  const { texts } = JSON.parse(document.getElementById("words").textContent);
  const say = (text) => texts[text] ?? text;
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const dark = () => (chosen() ?? (system.matches ? "dark" : "light")) === "dark";
  const apply = () => {
    if (chosen()) root.dataset.theme = chosen();
    const button = document.getElementById("theme");
    if (button) {
      button.hidden = false;
      button.textContent = dark() ? say("Light") : say("Dark");
      button.title = dark() ? say("Show the page light") : say("Show the page dark");
    }
    dispatchEvent(new Event("themechange"));
  };
  if (chosen()) root.dataset.theme = chosen();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme")?.addEventListener("click", () => {
      try { localStorage.setItem("theme", dark() ? "light" : "dark"); } catch { return; }
      apply();
    });
    apply();
  });
})();
