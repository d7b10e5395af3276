// Translated texts, rendered by Django as JSON (files/web/strings.py).

type Text = string | { one: string; other: string };

let texts: Record<string, Text> | undefined;

function load(): Record<string, Text> {
  const element = document.getElementById("ui-strings");
  return element?.textContent ? (JSON.parse(element.textContent) as Record<string, Text>) : {};
}

/** The text of a key with `{name}` replaced; `count` chooses the plural. An unknown key is shown as it is. */
export function text(key: string, values: Record<string, string | number> = {}): string {
  texts ??= load();
  const entry = texts[key] ?? key;
  const pattern = typeof entry === "string" ? entry : Number(values["count"]) === 1 ? entry.one : entry.other;
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? value.toLocaleString(language()) : value;
  });
}

export function language(): string {
  return document.documentElement.lang || "en";
}
