/** One thing to agree to, by itself: never ticked beforehand, the whole line is its target. */
Component({
  properties: {
    name: { type: String, value: '' },
    title: { type: String, value: '' },
    text: { type: String, value: '' },
    checked: { type: Boolean, value: false },
  },
  methods: {
    toggle() {
      this.triggerEvent('change', { name: this.data.name, checked: !this.data.checked });
    },
  },
});
