// Keeps the reader's choice of light or dark; runs before the first paint, so that nothing flashes.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const dark = () => (chosen() ?? (system.matches ? "dark" : "light")) === "dark";
  const apply = () => {
    if (chosen()) root.dataset.theme = chosen();
    const button = document.getElementById("theme");
    if (button) {
      button.hidden = false;
      button.textContent = dark() ? "Light" : "Dark";
      button.title = `Show the page ${dark() ? "light" : "dark"}`;
    }
    dispatchEvent(new Event("themechange"));
  };
  if (chosen()) root.dataset.theme = chosen();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      try { localStorage.setItem("theme", dark() ? "light" : "dark"); } catch { return; }
      apply();
    });
    apply();
  });
})();
