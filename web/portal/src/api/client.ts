import { openDoor, problemOf } from '@cordon/kit';
import createClient from 'openapi-fetch';
import { session } from '../state/session.svelte';
import type { paths } from './schema';

const door = openDoor(() => ({ 'x-cordon-console': '1' }));

/** The server's API, typed by its OpenAPI document. */
export const client = createClient<paths>({ baseUrl: location.origin, fetch: door });

interface Answered<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of a successful answer; anything else becomes a {@link Problem}. */
export async function take<Data>(answer: Promise<Answered<Data>>): Promise<Data> {
  const { data, error, response } = await answer;
  if (response.ok) return data as Data;

  const problem = await problemOf(response, error ?? null);
  if (problem.code === 'not_signed_in') session.ended();
  throw problem;
}
