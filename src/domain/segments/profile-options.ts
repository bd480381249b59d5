/** The closed lists that a person's profile is chosen from. */
import { option } from './fields.js';

export const genderOptions = [
  option('female', '女', 'Female'),
  option('male', '男', 'Male'),
  option('other', '其他', 'Other'),
];

export const ageBandOptions = [
  option('under14', '不满14岁', 'Under 14'),
  option('14to17', '14至17岁', '14 to 17'),
  option('adult', '18岁及以上', '18 and over'),
];
