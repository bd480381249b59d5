/** What tests over HTTP ask of answers. */
import type { Call } from './shop.js';

export type Body = Call['body'];

/** The body of an answer that had to be good. */
export async function good<T = Body>(answer: Promise<Call>, status = 200): Promise<T> {
  const { status: was, body } = await answer;
  if (was !== status) throw new Error(`${was} ${JSON.stringify(body)}`);
  return body as T;
}

/** Status and code of one that was refused. */
export async function refused(answer: Promise<Call>): Promise<[status: number, code: unknown]> {
  const { status, body } = await answer;
  return [status, body['code']];
}
