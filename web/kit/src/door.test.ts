import { expect, test } from 'vitest';
import { ask, Problem, problemOf, type Door } from './door';

const answering =
  (response: Response): Door =>
  () =>
    Promise.resolve(response);

async function refusal(response: Response): Promise<Problem> {
  const failure: unknown = await ask(answering(response), 'GET', 'http://page.example/api').catch((problem: unknown) => problem);
  if (!(failure instanceof Problem)) throw new Error('no problem');
  return failure;
}

test('an answer is read', async () => {
  expect(await ask(answering(Response.json({ total: 3 })), 'GET', 'http://page.example/api')).toEqual({ total: 3 });
  expect(await ask(answering(new Response(null, { status: 204 })), 'DELETE', 'http://page.example/api')).toBeUndefined();
});

test('a problem keeps its code and its facts', async () => {
  const body = { code: 'locked_out', detail: 'wait', retry_after_seconds: 30 };
  const problem = await refusal(Response.json(body, { status: 429 }));

  expect(problem).toMatchObject({ status: 429, code: 'locked_out', detail: 'wait', facts: { retry_after_seconds: 30 } });
});

test('an answer that is no problem of the server is still one', async () => {
  for (const body of ['<h1>Bad gateway</h1>', '', 'null', '[]', '{"code":7}']) {
    expect(await refusal(new Response(body, { status: 502 }))).toMatchObject({ status: 502, code: 'unexpected', facts: {} });
  }
  expect(await problemOf(new Response(null, { status: 500 }), { code: 'internal' })).toMatchObject({ code: 'internal', detail: 'internal' });
});

test('what is sent is JSON', async () => {
  let sent: Request | undefined;
  await ask(
    (request) => {
      sent = request;
      return Promise.resolve(Response.json({}));
    },
    'POST',
    'http://page.example/api',
    { name: 'Jörg' },
  );

  expect(sent?.method).toBe('POST');
  expect(sent?.headers.get('content-type')).toBe('application/json');
  expect(await sent?.json()).toEqual({ name: 'Jörg' });
});
