/** A voucher or an offer as a paper ticket. What can be done with it is the slot on the right. */
import type { TicketView } from '../../utils/views';

Component({
  properties: { ticket: { type: Object, value: {} as TicketView }, faded: { type: Boolean, value: false } },
});
