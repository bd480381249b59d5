/** Moments and durations as staff read them, in both languages. Moments are made in local time, as the console shows them. */
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  clockTime,
  countdown,
  dayName,
  fullTime,
  momentOf,
  roughDuration,
  sameDay,
  shortTime,
} from '../../console/src/format/time.js';
import { i18n } from '../../console/src/i18n.js';

const local = (...parts: [number, number, number, number, number]): string => new Date(...parts).toISOString();
/** Thursday, 5 March 2026, 09:30. */
const now = new Date(2026, 2, 5, 9, 30).getTime();
const minute = 60_000;
const hour = 60 * minute;
const speakEnglish = (): void => void (i18n.global.locale.value = 'en');

afterEach(() => {
  i18n.global.locale.value = 'zh-CN';
});

describe('the day above messages', () => {
  it.each([
    [local(2026, 2, 5, 0, 0), '今天', 'Today'],
    [local(2026, 2, 5, 23, 59), '今天', 'Today'],
    [local(2026, 2, 4, 23, 59), '昨天', 'Yesterday'],
    [local(2026, 2, 4, 0, 0), '昨天', 'Yesterday'],
    [local(2026, 2, 3, 23, 59), '3月3日周二', 'Tue, Mar 3'],
    [local(2025, 11, 31, 12, 0), '2025年12月31日周三', 'Wed, Dec 31, 2025'],
  ])('%s is %s or %s', (at, chinese, english) => {
    expect(dayName(at, now)).toBe(chinese);
    speakEnglish();
    expect(dayName(at, now)).toBe(english);
  });

  it('calls the last day of February yesterday on the first of March', () => {
    expect(dayName(local(2026, 1, 28, 20, 0), new Date(2026, 2, 1, 0, 5).getTime())).toBe('昨天');
  });

  it('parts days at midnight, not 24 hours apart', () => {
    expect(sameDay(local(2026, 2, 5, 0, 0), local(2026, 2, 5, 23, 59))).toBe(true);
    expect(sameDay(local(2026, 2, 5, 23, 59), local(2026, 2, 6, 0, 0))).toBe(false);
    expect(sameDay(local(2026, 2, 5, 9, 0), local(2026, 3, 5, 9, 0))).toBe(false);
  });
});

describe('a moment in a list', () => {
  it('is a time today, a word yesterday, a date before, with the year when it is another', () => {
    expect(shortTime(local(2026, 2, 5, 8, 5), now)).toBe('08:05');
    expect(shortTime(local(2026, 2, 4, 8, 5), now)).toBe('昨天');
    expect(shortTime(local(2026, 1, 27, 8, 5), now)).toBe('2/27');
    expect(shortTime(local(2025, 1, 27, 8, 5), now)).toBe('2025/2/27');
  });

  it('is empty, or a dash where all is told, when there was none', () => {
    expect(shortTime(null, now)).toBe('');
    expect(fullTime(null)).toBe('—');
  });

  it('keeps the time of another day', () => {
    expect(momentOf(local(2026, 2, 5, 18, 0), now)).toBe('18:00');
    expect(momentOf(local(2026, 2, 6, 18, 0), now)).toContain('18:00');
    expect(momentOf(local(2026, 2, 6, 18, 0), now)).toContain('3月6日');
    expect(momentOf(local(2027, 0, 1, 18, 0), now)).toContain('2027');
  });

  it('writes midnight as 00:00, in both languages', () => {
    expect(clockTime(local(2026, 2, 5, 0, 0))).toBe('00:00');
    speakEnglish();
    expect(clockTime(local(2026, 2, 5, 0, 0))).toBe('00:00');
  });

  it('changes with the language although the formats are kept', () => {
    const at = local(2026, 2, 5, 8, 5);
    expect(fullTime(at)).toBe('2026/03/05 08:05');
    speakEnglish();
    expect(fullTime(at)).toBe('03/05/2026, 08:05');
  });
});

describe('how long a customer waits', () => {
  it.each([
    [-5 * minute, 'under 1 min'],
    [59_999, 'under 1 min'],
    [minute, '1 min'],
    [59 * minute + 59_999, '59 min'],
    [hour, '1 h'],
    [47 * hour + 59 * minute, '47 h'],
    [48 * hour, '2 d'],
    [71 * hour, '2 d'],
    [72 * hour, '3 d'],
  ])('%d ms is %s', (ms, words) => {
    speakEnglish();
    expect(roughDuration(ms)).toBe(words);
  });

  it('has words in Chinese', () => {
    expect(roughDuration(3 * minute)).toBe('3 分钟');
  });
});

describe('the countdown of a window', () => {
  it.each([
    [46 * hour + 12 * minute, '46 h 12 min'],
    [hour, '1 h 0 min'],
    [hour - 1, '59:59'],
    [9 * minute + 41_000, '09:41'],
    [999, '00:00'],
    [-hour, '00:00'],
  ])('%d ms is %s', (ms, words) => {
    speakEnglish();
    expect(countdown(ms)).toBe(words);
  });
});
