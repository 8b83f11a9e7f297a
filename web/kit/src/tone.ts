/** What a colour means. */
export type Tone = 'neutral' | 'ok' | 'warn' | 'danger' | 'info';
