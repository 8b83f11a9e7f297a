import '@cordon/kit/styles.css';
import './page.css';
import { addMessages, installTrustedTypes } from '@cordon/kit';
import de from '@cordon/kit/locales/de/pim.ftl?raw';
import en from '@cordon/kit/locales/en/pim.ftl?raw';
import { mount } from 'svelte';
import { AppDoor } from './api/door';
import App from './App.svelte';
import { Session } from './state/session.svelte';

installTrustedTypes();
addMessages({ de, en });

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');

const session = new Session(new AppDoor());
void session.start();
mount(App, { target, props: { session } });
