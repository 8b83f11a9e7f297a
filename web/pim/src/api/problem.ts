import { Problem } from '@cordon/kit';

/** Turns whatever was thrown into a problem, so that every caller shows errors the same way. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem(0, 'unexpected', thrown instanceof Error ? thrown.message : String(thrown));
}

/** A number that the answer carries beside its code, for example `attempts_left`. */
export function factOf(problem: Problem, name: string): number | null {
  const value = problem.facts[name];
  return typeof value === 'number' ? value : null;
}
