import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import kitDe from '../../locales/de/kit.ftl?raw';
import kitEn from '../../locales/en/kit.ftl?raw';
import { preferences } from '../preferences.svelte';
import type { MessageId, Messages } from './messages';

/** A language the pages are written in. */
export type Language = 'de' | 'en';

/** The languages with their own names, in the order they are offered. */
export const languages: readonly { code: Language; name: string }[] = [
  { code: 'de', name: 'Deutsch' },
  { code: 'en', name: 'English' },
];

const bundles: Record<Language, FluentBundle> = { de: bundle('de', kitDe), en: bundle('en', kitEn) };

/** Adds the messages of a page. Called once, before the page is mounted. */
export function addMessages(texts: Record<Language, string>): void {
  for (const { code } of languages) add(bundles[code], texts[code]);
}

/** The language in use: the person's choice, or the browser's first language that is spoken here. */
export function language(): Language {
  if (preferences.language !== 'auto') return preferences.language;

  for (const wanted of navigator.languages) {
    const spoken = languages.find(({ code }) => wanted.toLowerCase().split('-')[0] === code);
    if (spoken) return spoken.code;
  }
  return 'en';
}

/** The locale for dates and numbers: the browser's own when it fits the language in use. */
export function locale(): string {
  const code = language();
  return navigator.languages.find((wanted) => wanted.toLowerCase().startsWith(code)) ?? code;
}

type Arguments<Id extends MessageId> = Messages[Id] extends null ? [] : [args: Messages[Id]];

/** The text of a message in the language in use. */
export function t<Id extends MessageId>(id: Id, ...[args]: Arguments<Id>): string {
  const speaking = bundles[language()];
  const pattern = speaking.getMessage(id)?.value;
  if (!pattern) return id;

  const faults: Error[] = [];
  const text = speaking.formatPattern(pattern, (args ?? null) as Record<string, FluentVariable> | null, faults);
  for (const fault of faults) console.error(`message ${id}:`, fault);
  return text;
}

function bundle(code: Language, text: string): FluentBundle {
  const made = new FluentBundle(code, { useIsolating: false });
  add(made, text);
  return made;
}

function add(target: FluentBundle, text: string): void {
  const faults = target.addResource(new FluentResource(text));
  if (faults.length > 0) throw new Error(`cannot load messages: ${faults.map(String).join('; ')}`);
}
