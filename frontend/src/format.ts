import { language, text } from "./strings";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes in powers of 1000, as the server's `file_size` filter writes them. */
export function fileSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  const number = value.toLocaleString(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${number} ${UNITS[unit]}`;
}

/** A rough time that remains: "12 s", "4 min", "2 h". */
export function duration(seconds: number): string {
  if (seconds < 60) return text("seconds", { count: Math.max(1, Math.round(seconds)) });
  if (seconds < 3600) return text("minutes", { count: Math.round(seconds / 60) });
  return text("hours", { count: Math.round(seconds / 3600) });
}
