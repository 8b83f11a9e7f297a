/** What a person chose for this browser. */
export interface Preferences {
  language: 'auto' | 'de' | 'en';
  theme: 'auto' | 'light' | 'dark';
  /** Whether single-letter shortcuts are heard (WCAG 2.1.4). */
  shortcuts: boolean;
}

const place = 'cordon-preferences';
const defaults: Preferences = { language: 'auto', theme: 'auto', shortcuts: true };

/** The choices in force. Change them with {@link prefer}. */
export const preferences: Preferences = $state(load());

/** Changes choices, applies them and remembers them. */
export function prefer(changes: Partial<Preferences>): void {
  Object.assign(preferences, changes);
  try {
    localStorage.setItem(place, JSON.stringify(preferences));
  } catch {
    // A browser that keeps nothing still obeys for the length of the visit.
  }
}

/** Keeps the document's theme and language attributes in step with the choices. Call once from the root component. */
export function applyPreferences(languageInUse: () => string): void {
  $effect.pre(() => {
    const { documentElement } = document;
    if (preferences.theme === 'auto') delete documentElement.dataset['theme'];
    else documentElement.dataset['theme'] = preferences.theme;
    documentElement.lang = languageInUse();
  });
}

function load(): Preferences {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place) ?? '{}');
    return { ...defaults, ...pick(kept) };
  } catch {
    return { ...defaults };
  }
}

function pick(kept: unknown): Partial<Preferences> {
  if (typeof kept !== 'object' || kept === null) return {};

  const { language, theme, shortcuts } = kept as Record<string, unknown>;
  return {
    ...(language === 'de' || language === 'en' ? { language } : {}),
    ...(theme === 'light' || theme === 'dark' ? { theme } : {}),
    ...(typeof shortcuts === 'boolean' ? { shortcuts } : {}),
  };
}
