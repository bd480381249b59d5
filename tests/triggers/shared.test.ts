import { describe, expect, it } from '@jest/globals';
import { actions } from '../../src/actions/index.js';
import { actionCodes, triggerCodes } from '../../src/contracts/index.js';
import { routeTable } from '../../src/domain/contact/index.js';
import { triggers } from '../../src/triggers/index.js';
import { eventOf, facts } from '../helpers/facts.js';

/** Every trigger and every action passes this, by its own example. */
describe.each(triggers.map((trigger) => [trigger.code, trigger] as const))('trigger %s', (_code, trigger) => {
  const event = eventOf(trigger.example.event);

  it('has titles in both languages, valid example args and listens to the example', () => {
    expect(trigger.title['zh-CN']).toMatch(/\p{Script=Han}/u);
    expect(trigger.title.en).toMatch(/[A-Za-z]/);
    expect(trigger.args.safeParse(trigger.example.args).success).toBe(true);
    expect(trigger.on).toContain(event.kind);
  });

  it('matches its example and is pure', () => {
    const before = JSON.stringify([event, facts()]);
    expect(trigger.matches(event, facts(), trigger.example.args)).toBe(true);
    expect(trigger.matches(event, facts(), trigger.example.args)).toBe(true);
    expect(JSON.stringify([event, facts()])).toBe(before);
  });

  it('says by its code what the console may ask for, and is started by the clock alone or by events alone', () => {
    expect(triggerCodes).toContain(trigger.code);
    expect(trigger.on.includes('strategy.due')).toBe(trigger.due !== undefined);
  });

  it('refuses unknown args', () => {
    expect(trigger.args.safeParse({ ...(trigger.example.args as object), surprise: 1 }).success).toBe(false);
  });
});

describe.each(actions.map((action) => [action.code, action] as const))('action %s', (code, action) => {
  it('has titles in both languages, a code the console knows, and refuses unknown args', () => {
    expect(action.title['zh-CN']).toMatch(/\p{Script=Han}/u);
    expect(action.title.en).toMatch(/[A-Za-z]/);
    expect(actionCodes).toContain(code);
    expect(action.args.safeParse({ ...(action.example.args as object), surprise: 1 }).success).toBe(false);
  });

  it('plans only what the route table allows', () => {
    const event = eventOf({ kind: 'message.received', at: new Date(0), data: {} });
    const intents = action.plan(event, facts(), action.args.parse(action.example.args));
    expect(intents.length).toBeGreaterThan(0);
    for (const { message } of intents) {
      for (const route of Object.keys(message.variants) as Array<keyof typeof routeTable>) {
        expect(routeTable[route][message.purpose]).not.toBe('no');
      }
    }
  });
});
