import { MediaQuery } from 'svelte/reactivity';

const wide = new MediaQuery('(min-width: 1100px)');
const medium = new MediaQuery('(min-width: 640px)');

/** How many panes stand beside each other: folders, list and reader; list and reader; or one at a time. */
export const layout = {
  get panes(): 1 | 2 | 3 {
    if (wide.current) return 3;
    return medium.current ? 2 : 1;
  },
};
