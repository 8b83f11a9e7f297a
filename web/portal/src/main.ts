import '@cordon/kit/styles.css';
import { addMessages, installTrustedTypes, startRouter } from '@cordon/kit';
import de from '@cordon/kit/locales/de/portal.ftl?raw';
import en from '@cordon/kit/locales/en/portal.ftl?raw';
import { mount } from 'svelte';
import App from './App.svelte';

installTrustedTypes();
addMessages({ de, en });
startRouter();

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the application');
mount(App, { target });
