/** What a mobile number may be used for, and how it is shown. Pure. */

/**
 * Prefixes of virtual operators (170, 171, 162, 165, 167), under which shop platforms and couriers hand out numbers that change hands:
 * they are stored, and never say who somebody is. https://www.miit.gov.cn (code numbers of the mobile resale business)
 */
const VIRTUAL = /^1(70|71|62|65|67)/;

/** Whether a number says who its holder is: 11 digits, nothing masked, no virtual operator's. */
export function identifies(phone: string): boolean {
  return /^1[3-9]\d{9}$/.test(phone) && !VIRTUAL.test(phone);
}

/** 138****8000: enough to recognise one's own number, not to call it. */
export function maskPhone(phone: string): string {
  return phone.length < 8 ? '****' : `${phone.slice(0, 3)}****${phone.slice(-4)}`;
}

/** An address by its beginning only: the place, not the door. */
export function maskAddress(address: string): string {
  return `${[...address].slice(0, 6).join('')}****`;
}
