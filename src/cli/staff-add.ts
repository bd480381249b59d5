/** Adds a staff account with a given or a made password. Knows the rules of the body, not the database. */
import type { z } from 'zod';
import { AddStaff } from '../contracts/index.js';
import { StartProblem } from '../errors.js';
import { randomToken } from '../infra/crypto.js';

type Body = z.input<typeof AddStaff>;

/** @returns the lines to print. @throws StartProblem naming every wrong field; whatever `add` throws, such as a taken account. */
export async function addStaffMember(
  add: (body: z.output<typeof AddStaff>) => Promise<{ account: string; role: string }>,
  given: Omit<Body, 'password'> & { password?: string | undefined },
): Promise<string[]> {
  const password = given.password ?? randomToken(12);
  const body = AddStaff.safeParse({ ...given, password });
  if (!body.success) {
    throw new StartProblem(body.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const added = await add(body.data);
  const line = `Added ${added.account} as ${added.role}.`;
  return given.password === undefined ? [line, `Password: ${password}`] : [line];
}
