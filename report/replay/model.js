/* What a replay knows of a run: its transfers, who is there, who serves whom, and the state at any time. */
{
  const TICKS = 65536;

  /* Columns, in the order in which blocks came. from: -1 several or nobody, -2 a node that is not shown. */
  const readTransfers = (detail) => {
    const { count } = detail.replay, from = shoal.unpack(detail.replay.transfers), files = detail.files.length;
    const t = { count, start: new Float64Array(count), end: new Float64Array(count), to: new Uint8Array(count), file: new Uint16Array(count),
      from: new Int16Array(count), block: new Uint32Array(count), longest: 0 };
    for (let i = 0, tick = 0; i < count; i++) {
      tick += from.next();
      const receiver = from.next();
      t.to[i] = Math.floor(receiver / files);
      t.file[i] = receiver % files;
      const giver = from.next();
      t.from[i] = giver < 2 ? -1 - giver : giver - 2;
      t.block[i] = from.next();
      t.end[i] = (tick / TICKS) * detail.length_s;
      t.start[i] = Math.max(0, ((tick - from.next()) / TICKS) * detail.length_s);
      t.longest = Math.max(t.longest, t.end[i] - t.start[i]);
    }
    return t;
  };

  /* For each point of time the pairs that change: server * nodes + served. */
  const readChokes = (detail) => {
    if (!detail.chokes) return null;
    const from = shoal.unpack(detail.chokes.changes);
    return d3.range(detail.steps + 1).map(() => {
      let pair = 0;
      return Uint32Array.from({ length: from.next() }, () => (pair += from.next()));
    });
  };

  const eventsOf = (detail) => detail.events.map(([at, node, name, kind, value]) => ({ at, node, name, kind, value }));

  class Model {
    constructor(detail) {
      this.detail = detail;
      this.length = detail.length_s;
      this.nodes = detail.nodes;
      this.every = detail.replay.every;
      this.transfers = readTransfers(detail);
      this.chokes = readChokes(detail);
      this.events = eventsOf(detail);
      this.blocks = 0;
      /* Blocks of all files are numbered through. */
      this.offsets = detail.files.map((file) => (this.blocks += file.blocks) - file.blocks);
      this.setCells(64);
      this.reset();
    }

    /* How many cells a block map has; each stands for blocks that follow each other. */
    setCells(cells) {
      this.cells = Math.max(1, Math.min(cells, this.blocks));
      this.room = new Float64Array(this.cells);
      this.detail.files.forEach((file, f) => {
        for (let block = 0; block < file.blocks; block += this.every) this.room[this.cellOf(f, block)]++;
      });
    }
    cellOf(file, block) { return Math.min(this.cells - 1, Math.floor(((this.offsets[file] + block) * this.cells) / this.blocks)); }

    reset() {
      this.time = 0;
      this.next = 0;
      this.nextEvent = 0;
      this.point = -1;
      this.last = null; /* event */
      this.there = this.nodes.map((node) => node.there);
      this.serves = new Uint8Array(this.nodes.length ** 2);
      this.held = this.nodes.map(() => new Float64Array(this.cells));
      this.have = this.nodes.map(() => new Set());
      this.nodes.forEach((node, i) => node.offers.forEach((file) => {
        for (let block = 0; block < this.detail.files[file].blocks; block += this.every) this.take(i, file, block);
      }));
      this.seek(0);
    }

    take(node, file, block) {
      const key = this.offsets[file] + block;
      if (this.have[node].has(key)) return;
      this.have[node].add(key);
      this.held[node][this.cellOf(file, block)]++;
    }
    lose(node) {
      this.have[node].clear();
      this.held[node].fill(0);
    }

    applyEvent(event) {
      this.last = event;
      if (event.node < 0) return;
      if (event.kind === "join" || event.kind === "return") this.there[event.node] = true;
      if (event.kind === "return" && event.value < 1e6) this.lose(event.node);
      if (event.kind === "leave" || event.kind === "crash") this.there[event.node] = false;
    }

    /* To a time, in seconds; back is done from the beginning. */
    seek(time) {
      if (time < this.time) { this.reset(); }
      this.time = time;
      while (this.nextEvent < this.events.length && this.events[this.nextEvent].at <= time) this.applyEvent(this.events[this.nextEvent++]);
      const t = this.transfers;
      for (; this.next < t.count && t.end[this.next] <= time; this.next++) this.take(t.to[this.next], t.file[this.next], t.block[this.next]);
      const point = Math.floor((time / this.length) * this.detail.steps + 1e-9);
      for (; this.chokes && this.point < point && this.point < this.detail.steps; this.point++)
        this.chokes[this.point + 1].forEach((pair) => { this.serves[pair] ^= 1; });
    }

    /* Calls back with each transfer under way: its number, and how much of it has come, 0 .. 1. */
    underWay(f) {
      const t = this.transfers;
      for (let i = this.next; i < t.count && t.end[i] <= this.time + t.longest; i++)
        if (t.start[i] <= this.time) f(i, (this.time - t.start[i]) / (t.end[i] - t.start[i] || 1));
    }

    step() { return Math.max(0, Math.min(this.detail.steps - 1, Math.floor((this.time / this.length) * this.detail.steps))); }
    /* What a node holds of what it wants, 0 .. 1. */
    share(node) {
      const at = Math.min(this.detail.steps, (this.time / this.length) * this.detail.steps), row = shoal.shares(this.detail)[node];
      const below = Math.floor(at), above = Math.min(this.detail.steps, below + 1);
      return (row[below] + (row[above] - row[below]) * (at - below)) / 1000;
    }
    isSource(node) { return this.nodes[node].offers.length > 0; }
    servedBy(node) {
      const n = this.nodes.length;
      return d3.sum(this.nodes, (_, i) => this.serves[i * n + node]);
    }
    holders(key) { return d3.range(this.nodes.length).filter((i) => this.have[i].has(key)); }
    /* How a block went through the swarm until now: transfers, oldest first. */
    pathOf(key) {
      const t = this.transfers, path = [];
      for (let i = 0; i < this.next; i++) if (this.offsets[t.file[i]] + t.block[i] === key) path.push(i);
      return path;
    }
    /* A block by its number in all files: "17", "17 of F2". */
    blockName(key) {
      let file = this.offsets.length - 1;
      while (file > 0 && this.offsets[file] > key) file--;
      return this.offsets.length > 1 ? `block ${key - this.offsets[file]} of ${shoal.shown(this.detail.files[file].name)}` : `block ${key}`;
    }
  }
  shoal.ReplayModel = Model;
}
