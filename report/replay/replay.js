/* The swarm replay: a canvas, its controls, and what pointer and keys do. */
{
  const { el } = shoal;
  const WHOLE_S = 20; /* how long it takes at speed 1 */

  class Replay {
    constructor(body, width, one, detail) {
      this.model = new shoal.ReplayModel(detail);
      this.speed = 1;
      this.node = -1;
      this.block = null;
      this.isPlaying = false;
      this.frames = 0;
      this.canvas = el("canvas", { tabindex: 0, role: "img", "aria-label": `Replay of ${shoal.caseName(one)}: space plays, left and right move in time, up and down choose a node` });
      this.makeControls();
      body.append(this.canvas, this.controls, this.strip, this.now, this.followed);
      this.painter = new shoal.ReplayPainter(this.canvas, this.model);
      this.painter.resize(width, Math.round(Math.max(380, Math.min(620, width * (width < 500 ? 1.25 : 0.58)))));
      this.listen();
      this.show();
    }

    makeControls() {
      const { model } = this;
      this.button = el("button", { type: "button", class: "play", text: "\u25b6 Play", on: { click: () => this.toggle() } });
      this.scrubber = el("input", { type: "range", min: 0, max: 1000, step: 1, value: 0, "aria-label": "Time of the replay", on: { input: () => this.seek((this.scrubber.value / 1000) * model.length) } });
      this.clock = el("output", { class: "clock" });
      const speeds = [[0.1, "\u2152"], [0.25, "\u00bc"], [0.5, "\u00bd"], [1, "1"], [2, "2"], [4, "4"]];
      this.speedChoice = el("select", { on: { change: () => { this.speed = +this.speedChoice.value; } } },
        ...speeds.map(([value, text]) => el("option", { value, text: `${text}\u00d7: ${shoal.seconds(model.length)} in ${shoal.seconds(WHOLE_S / value).replace(/\.0+/, "")}`, selected: value === 1 })));
      this.nodeChoice = el("select", { on: { change: () => this.follow(+this.nodeChoice.value) } }, el("option", { value: -1, text: "nobody" }),
        ...model.nodes.map((node, i) => el("option", { value: i, text: shoal.short(node.name, 24) })));
      this.blockChoice = el("input", { type: "number", min: 0, max: Math.max(0, model.blocks - 1), step: model.every, placeholder: "none", on: { input: () => this.followBlock(this.blockChoice.value === "" ? null : +this.blockChoice.value) } });
      this.controls = el("div", { class: "bar controls" }, this.button, this.scrubber, this.clock,
        el("label", {}, "Speed ", this.speedChoice), el("label", {}, "Follow ", this.nodeChoice), el("label", {}, "Block ", this.blockChoice));
      this.strip = this.makeStrip();
      this.now = el("p", { class: "now" });
      this.followed = el("p", { class: "now", "aria-live": "polite" });
    }

    /* Marks of what happened, along the scrubber. */
    makeStrip() {
      const strip = el("div", { class: "strip", "aria-hidden": "true" });
      const some = this.model.events.filter((event, i, all) => !i || event.at - all[i - 1].at > this.model.length / 400);
      some.forEach((event) => strip.append(el("i", { style: `left:${(event.at / this.model.length) * 100}%`, title: shoal.replayEventWords(event) })));
      return strip;
    }

    toggle() { this.isPlaying ? this.pause() : this.play(); }
    play() {
      if (this.model.time >= this.model.length) this.model.seek(0);
      this.isPlaying = true;
      this.button.textContent = "\u2016 Pause";
      this.before = null;
      requestAnimationFrame((now) => this.frame(now));
    }
    pause() {
      this.isPlaying = false;
      this.button.textContent = "\u25b6 Play";
      this.show();
    }
    frame(now) {
      if (!this.isPlaying || !this.canvas.isConnected) return;
      const passed = this.before === null ? 0 : Math.min(0.25, (now - this.before) / 1000);
      this.before = now;
      const time = this.model.time + (passed * this.speed * this.model.length) / WHOLE_S;
      this.model.seek(Math.min(time, this.model.length));
      this.frames++;
      if (time >= this.model.length) { this.pause(); return; }
      this.show();
      requestAnimationFrame((next) => this.frame(next));
    }
    seek(time) {
      this.model.seek(Math.max(0, Math.min(this.model.length, time)));
      this.before = null;
      this.show();
    }

    follow(node) {
      this.node = this.node === node && document.activeElement !== this.nodeChoice ? -1 : node;
      this.nodeChoice.value = this.node;
      this.show();
    }
    followBlock(block) {
      this.block = block === null ? null : Math.max(0, Math.min(this.model.blocks - 1, block - (block % this.model.every)));
      if (document.activeElement !== this.blockChoice) this.blockChoice.value = this.block ?? "";
      this.show();
    }

    show() {
      const { model } = this;
      this.painter.draw(this.node, this.block);
      this.scrubber.value = Math.round((model.time / model.length) * 1000);
      this.scrubber.setAttribute("aria-valuetext", shoal.seconds(model.time));
      this.clock.textContent = `${shoal.seconds(model.time)} of ${shoal.seconds(model.length)}`;
      this.now.textContent = `${shoal.replayNow(model)}.${model.last ? ` Last event at ${shoal.replayEventWords(model.last)}.` : ""}`;
      if (!this.isPlaying || this.frames % 15 === 0) this.followed.textContent = this.followedWords();
    }
    followedWords() {
      const texts = [];
      if (this.node >= 0) texts.push(shoal.replayNodeWords(this.model, this.node).join("; "));
      if (this.block !== null) texts.push(shoal.replayBlockWords(this.model, this.block));
      return texts.length ? `${texts.join(". ")}.` : "Click a node to follow it, a cell of its block map to follow that block as well.";
    }

    listen() {
      const at = (event) => { const box = this.canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
      this.canvas.addEventListener("pointermove", (event) => {
        const [x, y] = at(event), node = this.painter.nodeAt(x, y), transfer = node < 0 ? this.painter.transferAt(x, y) : -1;
        this.canvas.style.cursor = node >= 0 ? "pointer" : "default";
        if (node >= 0) shoal.tip.show(shoal.replayNodeWords(this.model, node), event.clientX, event.clientY);
        else if (transfer >= 0) shoal.tip.show(shoal.replayTransferWords(this.model, transfer), event.clientX, event.clientY);
        else shoal.tip.hide();
      });
      this.canvas.addEventListener("pointerleave", shoal.tip.hide);
      this.canvas.addEventListener("click", (event) => {
        const [x, y] = at(event), node = this.painter.nodeAt(x, y);
        if (node < 0) { this.node = -1; this.nodeChoice.value = -1; this.followBlock(null); return; }
        if (this.node === node && this.painter.tile >= 26) this.followBlock(this.painter.blockAt(node, x, y));
        else this.follow(node);
      });
      this.canvas.addEventListener("keydown", (event) => this.key(event));
    }
    key(event) {
      const { model } = this, step = { ArrowRight: 0.01, ArrowLeft: -0.01, PageDown: 0.1, PageUp: -0.1 }[event.key], turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === " ") this.toggle();
      else if (step) this.seek(model.time + step * model.length);
      else if (turn) { const n = model.nodes.length; this.follow((this.node + turn + n) % n); }
      else if (event.key === "Home") this.seek(0);
      else if (event.key === "End") this.seek(model.length);
      else if (event.key === "Escape") { this.node = -1; this.nodeChoice.value = -1; this.followBlock(null); }
      else return;
      event.preventDefault();
    }
  }

  /* Where not everything is shown. */
  const sample = ({ replay, nodes, nodes_in_all }) => {
    if (replay.count >= replay.arrivals_in_all) return "";
    const parts = [];
    if (nodes.length < nodes_in_all) parts.push(`${nodes.length} of ${shoal.count(nodes_in_all)} nodes`);
    if (replay.every > 1) parts.push(`one of ${replay.every} blocks`);
    return ` It is a sample: ${parts.join(" and ")}, ${shoal.count(replay.count)} of ${shoal.count(replay.arrivals_in_all)} transfers.`;
  };

  const inWords = (detail) =>
    `${shoal.count(detail.replay.count)} transfers in ${shoal.seconds(detail.length_s)}. Each square is a node; its cells are parts of the file, which fill as blocks come:` +
    ` orange dots from who had the file, blue ones from those who are downloading it themselves. Green border: done. Red, dashed: served by nobody. Red bar: a choke. Crossed out: not there.${sample(detail)}`;

  shoal.replays = new Map(); /* by the element of the figure */
  shoal.replay = (parent, one, getDetail) => {
    const figure = shoal.figure(parent, {
      title: "Swarm replay", name: "replay", wide: true, height: 620,
      draw: (body, width) => {
        const before = shoal.replays.get(figure?.element), detail = getDetail();
        before?.pause();
        if (!detail) return shoal.nothing(body, "This model was not played.");
        if (!detail.replay?.count) return shoal.nothing(body, "When each block came was not recorded in this run, so it cannot be replayed (shoal run --store FILE records it).");
        const replay = new Replay(body, width, one, detail);
        if (before && before.model.detail === detail) replay.seek(before.model.time);
        shoal.replays.set(body.closest("figure"), replay);
        return inWords(detail);
      },
    });
    figure.element.classList.add("replay");
    return figure;
  };
}
