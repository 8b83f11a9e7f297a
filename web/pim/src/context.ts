import { createContext } from 'svelte';
import type { Desk } from './state/desk.svelte';

/** The desk of the page, for every component below the root. */
export const [useDesk, setDesk] = createContext<Desk>();
