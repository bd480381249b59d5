import { describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { createLogger } from '../../src/infra/logger.js';

function logged(fields: Record<string, unknown>): string {
  let text = '';
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  createLogger({ level: 'info', to }).error(fields, 'it failed');
  return text;
}

describe('the log', () => {
  it('keeps what a customer wrote out of it, whatever the driver hangs on its errors', () => {
    const error = Object.assign(
      new Error('E11000 duplicate key error dup key: { text: "我的手机 13800138000" } tail'),
      {
        code: 11000,
        writeErrors: [{ op: { content: { text: '我的手机 13800138000' } } }],
        insertedDocs: [{ text: '我的手机 13800138000' }],
      },
    );
    error.cause = Object.assign(new Error('inner'), { document: '13800138000' });
    const line = logged({ err: error, inboxId: 'i1' });
    expect(line).not.toContain('13800138000');
    expect(line).not.toContain('我的手机');
    expect(JSON.parse(line)).toMatchObject({
      inboxId: 'i1',
      err: { code: 11000, message: 'E11000 duplicate key error dup key tail', cause: { message: 'inner' } },
    });
  });

  it('hides secrets by their names', () => {
    const line = logged({
      account: { appSecret: 'planted-one', token: 'planted-two' },
      session: { password: 'planted-three' },
    });
    expect(line).not.toContain('planted');
    expect(line).toContain('[hidden]');
  });

  it('takes what is no error', () => {
    expect(JSON.parse(logged({ err: 'text of a customer' }))).toMatchObject({ err: { type: 'string' } });
  });
});
