import { expect, test } from 'vitest';
import { coalesce } from './coalesce';

test('calls during a run lead to one more run', async () => {
  let runs = 0;
  let finish = (): void => {};
  const job = coalesce(async () => {
    runs += 1;
    await new Promise<void>((resolve) => (finish = resolve));
  });

  const first = job();
  const second = job();
  void job();
  finish();
  await Promise.resolve();
  await Promise.resolve();
  finish();
  await Promise.all([first, second]);

  expect(runs).toBe(2);
});

test('a failed run does not end the job', async () => {
  let runs = 0;
  const job = coalesce(async () => {
    runs += 1;
    if (runs === 1) throw new Error('first');
  });

  await expect(job()).rejects.toThrow('first');
  await job();

  expect(runs).toBe(2);
});
