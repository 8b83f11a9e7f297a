import { locale } from './language.svelte';

/** A number with the separators of the language in use. */
export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** A day: “22 November 2026”. */
export function formatDate(moment: string | Date): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'long' }).format(new Date(moment));
}

/** A day and a time of day to the minute, short enough for a table. */
export function formatDateTime(moment: string | Date): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(moment));
}

/** A day and a time of day to the second, for logs. */
export function formatExact(moment: string | Date): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(moment));
}

/** A time of day to the minute. */
export function formatTime(moment: string | Date): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).format(new Date(moment));
}

const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** The distance of a moment from `now`: “3 minutes ago”, “in 2 days”. */
export function formatRelative(moment: string | Date, now: Date = new Date()): string {
  const seconds = (new Date(moment).getTime() - now.getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return words.format(0, 'second');
}

/** A number of bytes in the unit a person would choose. */
export function formatSize(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let value = bytes;
  let index = 0;
  while (value >= 1000 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  const style = { style: 'unit', unit: units[index] ?? 'byte', unitDisplay: 'short' } as const;
  return new Intl.NumberFormat(locale(), { ...style, maximumFractionDigits: value < 10 && index > 0 ? 1 : 0 }).format(value);
}
