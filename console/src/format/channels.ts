/** Names of chat channels for people; an unfamiliar channel is shown by its code. */
import { textIfAny } from '@/i18n';

export const channelName = (channel: string): string => textIfAny(`channels.marks.${channel}`) ?? channel;
