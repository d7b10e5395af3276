/** Bytes per second, smoothed over some seconds, and the time that remains. */
export class Speed {
  private readonly samples: { at: number; sent: number }[] = [];

  sample(sent: number, at: number): void {
    const last = this.samples.at(-1);
    if (last && sent < last.sent) this.samples.length = 0; // files were removed or start again
    if (last && at - last.at < 500) return;
    this.samples.push({ at, sent });
    if (this.samples.length > 16) this.samples.shift();
  }

  reset(): void {
    this.samples.length = 0;
  }

  get perSecond(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || last.at === first.at) return 0;
    return ((last.sent - first.sent) * 1000) / (last.at - first.at);
  }
}
