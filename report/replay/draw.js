/* Draws the state of a replay on a canvas. */
{
  const { replayBend: bend, replayAlong: along } = shoal;
  const LEVELS = 4; /* of shade in a block map */

  const coloursNow = () => Object.fromEntries(["ink", "soft", "faint", "line", "grid", "card", "p2p", "server", "good", "bad", "accent", "c2"].map((name) => [name, shoal.colour(name)]));

  class Painter {
    constructor(canvas, model) {
      this.canvas = canvas;
      this.context = canvas.getContext("2d");
      this.model = model;
    }

    resize(width, height) {
      const scale = Math.min(2, window.devicePixelRatio || 1);
      this.width = width;
      this.height = height;
      this.canvas.width = width * scale;
      this.canvas.height = height * scale;
      this.canvas.style.height = `${height}px`;
      this.context.setTransform(scale, 0, 0, scale, 0, 0);
      const { places, tile } = shoal.replayLayout(this.model.nodes, width, height);
      this.places = places;
      this.tile = tile;
      this.side = tile >= 40 ? 8 : tile >= 26 ? 6 : tile >= 16 ? 4 : 3; /* cells along a side */
      this.model.setCells(this.side * this.side);
      const { time } = this.model;
      this.model.reset();
      this.model.seek(time);
      this.colours = coloursNow();
    }

    /* node, block: what is followed; -1 and null: nothing. */
    draw(node, block) {
      const { context: c } = this;
      c.clearRect(0, 0, this.width, this.height);
      this.followed = node;
      if (block !== null) this.drawPath(block);
      else if (node >= 0) this.drawServing(node);
      this.drawTransfers(node, block);
      this.drawChokes(node);
      this.model.nodes.forEach((_, i) => { if (i !== node) this.drawNode(i, block); });
      if (node >= 0) this.drawNode(node, block);
    }

    line(from, to, colour, width, alpha, dash = []) {
      const { context: c } = this, b = bend(from, to);
      c.globalAlpha = alpha;
      c.strokeStyle = colour;
      c.lineWidth = width;
      c.setLineDash(dash);
      c.beginPath();
      c.moveTo(...from);
      c.quadraticCurveTo(...b, ...to);
      c.stroke();
      c.setLineDash([]);
      c.globalAlpha = 1;
    }

    /* Who serves the node that is followed, and who does not. */
    drawServing(node) {
      const { model } = this, n = model.nodes.length;
      if (!model.chokes) return;
      model.nodes.forEach((_, i) => {
        if (model.serves[i * n + node]) this.line(this.places[i], this.places[node], this.colours.good, 1, 0.45);
        else if (model.serves[node * n + i]) this.line(this.places[i], this.places[node], this.colours.bad, 1, 0.5, [3, 4]);
      });
    }

    drawPath(block) {
      const t = this.model.transfers;
      this.model.pathOf(block).forEach((i) => {
        if (t.from[i] >= 0) this.line(this.places[t.from[i]], this.places[t.to[i]], this.colours.ink, 1.2, 0.55);
      });
    }

    drawTransfers(node, block) {
      const { context: c, model, places } = this, t = model.transfers, few = model.nodes.length <= 30;
      const dots = { p2p: [], server: [], soft: [] };
      model.underWay((i, share) => {
        const from = t.from[i], to = t.to[i];
        const apart = (node >= 0 && from !== node && to !== node) || (block !== null && model.offsets[t.file[i]] + t.block[i] !== block);
        if (from < 0) return; /* from somebody who is not shown: it is seen where it arrives */
        const colour = apart ? "soft" : model.isSource(from) ? "server" : "p2p";
        this.line(places[from], places[to], this.colours[colour], few ? 1.4 : 1, apart ? 0.12 : 0.4);
        if (!apart) dots[colour].push(along(places[from], bend(places[from], places[to]), places[to], share));
      });
      for (const [colour, all] of Object.entries(dots)) {
        c.fillStyle = this.colours[colour];
        c.beginPath();
        all.forEach(([x, y]) => { c.moveTo(x + 3.5, y); c.arc(x, y, few ? 4 : 3, 0, 2 * Math.PI); });
        c.fill();
      }
    }

    /* A bar across the way of those that were choked since the last point of time; it fades. */
    drawChokes(node) {
      const { context: c, model } = this, n = model.nodes.length;
      if (!model.chokes || model.point < 1) return;
      const age = (model.time / model.length) * model.detail.steps - model.point;
      c.strokeStyle = this.colours.bad;
      c.lineWidth = 3;
      c.globalAlpha = Math.max(0, 0.9 - age * 0.8);
      c.beginPath();
      model.chokes[model.point].forEach((pair) => {
        const from = Math.floor(pair / n), to = pair % n;
        if (model.serves[pair] || (node >= 0 && from !== node && to !== node)) return;
        const a = this.places[from], b = this.places[to], m = along(a, bend(a, b), b, 0.5);
        const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1, dx = ((b[1] - a[1]) / length) * 6, dy = ((b[0] - a[0]) / length) * 6;
        c.moveTo(m[0] - dx, m[1] + dy);
        c.lineTo(m[0] + dx, m[1] - dy);
      });
      c.stroke();
      c.globalAlpha = 1;
    }

    drawNode(i, block) {
      const { context: c, model, tile } = this, [x, y] = this.places[i], left = x - tile / 2, top = y - tile / 2;
      const isThere = model.there[i], holdsIt = block === null || model.have[i].has(block);
      c.globalAlpha = isThere ? (holdsIt ? 1 : 0.45) : 0.3;
      c.fillStyle = this.colours.card;
      c.fillRect(left, top, tile, tile);
      this.drawMap(i, left, top);
      this.drawBorder(i, left, top, block !== null && holdsIt);
      c.globalAlpha = isThere ? 1 : 0.5;
      if (!isThere) this.cross(left, top);
      if (tile >= 22 || i === this.followed) this.label(i, x, top + tile + 12);
      c.globalAlpha = 1;
    }

    /* Cells by shade, so that there are few fills. */
    drawMap(i, left, top) {
      const { context: c, model, side } = this, cell = this.tile / side, held = model.held[i];
      const before = c.globalAlpha;
      c.fillStyle = model.isSource(i) ? this.colours.server : this.colours.p2p;
      for (let level = 1; level <= LEVELS; level++) {
        c.globalAlpha = before * (0.15 + (0.75 * level) / LEVELS);
        c.beginPath();
        for (let k = 0; k < model.cells; k++)
          if (held[k] > 0 && Math.ceil((held[k] / model.room[k]) * LEVELS) === level)
            c.rect(left + (k % side) * cell, top + Math.floor(k / side) * cell, cell - 0.5, cell - 0.5);
        c.fill();
      }
      c.globalAlpha = before;
    }

    drawBorder(i, left, top, isMarked) {
      const { context: c, model, tile } = this;
      const isDone = model.nodes[i].downloads > 0 && model.share(i) >= 0.9995;
      const isChoked = model.chokes && model.there[i] && !isDone && model.nodes[i].downloads > 0 && model.time > 0 && model.servedBy(i) === 0;
      c.strokeStyle = isMarked || i === this.followed ? this.colours.ink : isChoked ? this.colours.bad : isDone ? this.colours.good : this.colours.faint;
      c.lineWidth = isMarked || i === this.followed ? 3 : isDone || isChoked ? 2 : 1;
      c.setLineDash(isChoked ? [4, 3] : []);
      c.strokeRect(left - 1, top - 1, tile + 2, tile + 2);
      c.setLineDash([]);
    }

    cross(left, top) {
      const { context: c, tile } = this;
      c.strokeStyle = this.colours.bad;
      c.lineWidth = 2.5;
      c.beginPath();
      c.moveTo(left, top); c.lineTo(left + tile, top + tile);
      c.moveTo(left + tile, top); c.lineTo(left, top + tile);
      c.stroke();
    }

    label(i, x, y) {
      const { context: c } = this;
      c.font = `${i === this.followed ? "600 " : ""}11px system-ui, "DejaVu Sans", sans-serif`;
      c.textAlign = "center";
      c.lineWidth = 3;
      c.strokeStyle = this.colours.card;
      c.fillStyle = this.colours.ink;
      const text = shoal.short(this.model.nodes[i].name, this.tile > 40 ? 9 : 6);
      c.strokeText(text, x, y);
      c.fillText(text, x, y);
    }

    /* ---- what is at a place ---- */

    nodeAt(x, y) {
      const half = Math.max(12, this.tile / 2 + 3);
      return this.places.findIndex(([px, py]) => Math.abs(px - x) <= half && Math.abs(py - y) <= half);
    }
    /* The transfer whose way comes nearest, within some pixels; -1: none. */
    transferAt(x, y) {
      const t = this.model.transfers;
      let best = -1, least = 9;
      this.model.underWay((i) => {
        if (t.from[i] < 0) return;
        const a = this.places[t.from[i]], b = this.places[t.to[i]], m = bend(a, b);
        for (let s = 0; s <= 1; s += 0.04) {
          const [px, py] = along(a, m, b, s), far = Math.hypot(px - x, py - y);
          if (far < least) { least = far; best = i; }
        }
      });
      return best;
    }
    /* The block in the middle of the cell of a node's map. */
    blockAt(node, x, y) {
      const { model, side, tile } = this, [px, py] = this.places[node];
      const column = Math.floor(((x - px + tile / 2) / tile) * side), row = Math.floor(((y - py + tile / 2) / tile) * side);
      const cell = Math.max(0, Math.min(model.cells - 1, row * side + column));
      const key = Math.floor(((cell + 0.5) * model.blocks) / model.cells);
      return key - (key % model.every);
    }
  }
  shoal.ReplayPainter = Painter;
}
