// Knows the texts of this page's language; the server puts them into the page (collector/web/words.py).

const { texts, language, decimal } = JSON.parse(document.getElementById("words")?.textContent ?? '{"texts":{},"language":"en-GB","decimal":"."}');

/** The text in this page's language; `%(name)s` stands for a value. */
export function say(text, values = {}) {
  return (texts[text] ?? text).replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}

export { decimal, language };
