/** An empty list: what it is for, and what to do. */
Component({
  properties: {
    picture: { type: String, value: '/images/leaf.svg' },
    title: { type: String, value: '' },
    hint: { type: String, value: '' },
    action: { type: String, value: '' },
  },
  methods: {
    act() {
      this.triggerEvent('act');
    },
  },
});
