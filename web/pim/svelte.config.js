export { default } from '@cordon/kit/svelte-config';
