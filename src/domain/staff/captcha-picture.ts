/**
 * Draws a captcha as an SVG: distorted strokes of characters, with noise. No text element, so the answer is not in the source.
 * Pure but for the random source it is given.
 */

/** Without look-alikes (0 and O, 1 and I, 5 and S …). Each character is a list of strokes on a grid 4 wide and 6 high. */
const glyphs: Readonly<Record<string, string>> = {
  '2': '0,1 1,0 3,0 4,1 4,2 0,6 4,6',
  '3': '0,0 4,0 2,2.5 4,4 4,5 3,6 1,6 0,5',
  '4': '3,6 3,0 0,4 4,4',
  '6': '3,0 1,1.5 0,4 0,5 1,6 3,6 4,5 4,4 3,3 1,3 0,4',
  '7': '0,0 4,0 1.5,6',
  '9': '4,2 3,3 1,3 0,2 0,1 1,0 3,0 4,1 4,2 3,4.5 1,6',
  A: '0,6 2,0 4,6|0.8,4 3.2,4',
  C: '4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5',
  E: '4,0 0,0 0,6 4,6|0,3 3,3',
  F: '4,0 0,0 0,6|0,3 3,3',
  H: '0,0 0,6|4,0 4,6|0,3 4,3',
  K: '0,0 0,6|4,0 0,3 4,6',
  L: '0,0 0,6 4,6',
  M: '0,6 0,0 2,3 4,0 4,6',
  N: '0,6 0,0 4,6 4,0',
  P: '0,6 0,0 3,0 4,1 4,2 3,3 0,3',
  R: '0,6 0,0 3,0 4,1 4,2 3,3 0,3|2,3 4,6',
  T: '0,0 4,0|2,0 2,6',
  U: '0,0 0,5 1,6 3,6 4,5 4,0',
  W: '0,0 1,6 2,3 3,6 4,0',
  X: '0,0 4,6|4,0 0,6',
  Y: '0,0 2,3 4,0|2,3 2,6',
};

export const captchaLetters = Object.keys(glyphs).join('');

const WIDTH = 160;
const HEIGHT = 56;
const SCALE = 6;

/** A number from 0 to below 1. */
export type Random = () => number;

export function drawCaptcha(answer: string, random: Random): string {
  const between = (low: number, high: number): number => low + random() * (high - low);
  const step = (WIDTH - 20) / answer.length;
  const noise = Array.from({ length: 4 }, () => noiseLine(between));
  const letters = [...answer].map((letter, place) => drawLetter(letter, 12 + place * step, between));
  const paths = shuffled([...noise, ...letters.flat()], random);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">` +
    `<rect width="100%" height="100%" fill="#f4f5f7"/>` +
    `<g fill="none" stroke-linecap="round" stroke-linejoin="round">${paths.join('')}</g></svg>`
  );
}

type Between = (low: number, high: number) => number;

/** Turns, leans and stretches the letter, and bends every stroke, so that no two drawings of a letter share numbers. */
function drawLetter(letter: string, left: number, between: Between): string[] {
  const angle = between(-0.28, 0.28);
  const lean = between(-0.22, 0.22);
  const width = SCALE * between(0.75, 1);
  const top = between(6, 12);
  const thickness = between(1.8, 3);
  const place = (x: number, y: number): [number, number] => {
    const dx = (x - 2) * width + lean * (y - 3) * SCALE + between(-1, 1);
    const dy = (y - 3) * SCALE + between(-1, 1);
    const turnedX = dx * Math.cos(angle) - dy * Math.sin(angle);
    const turnedY = dx * Math.sin(angle) + dy * Math.cos(angle);
    return [left + 2 * SCALE + turnedX, top + 3 * SCALE + turnedY];
  };
  const stroke = (text: string): string => {
    const points = text.split(' ').map((pair) => {
      const [x, y] = pair.split(',').map(Number);
      return place(x ?? 0, y ?? 0);
    });
    return path(bent(points, between), thickness, between);
  };
  return (glyphs[letter] ?? '').split('|').filter(Boolean).map(stroke);
}

function bent(points: Array<[number, number]>, between: Between): string {
  return points
    .map(([x, y], i) => {
      const before = points[i - 1];
      if (!before) return `M${x.toFixed(1)} ${y.toFixed(1)}`;
      const bendX = (before[0] + x) / 2 + between(-2, 2);
      const bendY = (before[1] + y) / 2 + between(-2, 2);
      return `Q${bendX.toFixed(1)} ${bendY.toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

function noiseLine(between: Between): string {
  const point = (): string => `${between(0, WIDTH).toFixed(1)} ${between(0, HEIGHT).toFixed(1)}`;
  return path(`M${point()}Q${point()} ${point()}`, between(0.9, 1.6), between);
}

function path(d: string, thickness: number, between: Between): string {
  const colour = `hsl(${between(190, 300).toFixed(0)} 45% ${between(30, 50).toFixed(0)}%)`;
  return `<path d="${d}" stroke="${colour}" stroke-width="${thickness.toFixed(1)}"/>`;
}

function shuffled(items: string[], random: Random): string[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
