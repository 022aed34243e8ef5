/* Where the time went: what each download waited for, in all and over time. */
{
  const { el } = shoal;
  /* Cause in the store: what it is called, and its colour. The order is that of the bars. */
  const causes = [
    ["downlink", "own downlink full", "c1"], ["uplinks", "sources\u2019 uplinks full", "c2"], ["choked", "choked by all", "c4"],
    ["nothing-useful", "nothing useful to get", "c7"], ["stall", "stall after a loss", "c6"], ["verification", "verification", "c3"],
    ["handshake", "handshake", "c5"], ["tracker", "tracker", "c8"],
  ];
  const known = new Map(causes.map(([key, name, colour]) => [key, { key, name, colour }]));
  const causeOf = (key) => known.get(key) || { key, name: shoal.shown(key), colour: "c8" };

  /* Numbers of the run's causes, in the order of the bars. */
  const ordered = (waits) => d3.range(waits.causes.length).sort((a, b) => {
    const place = (i) => { const at = causes.findIndex((c) => c[0] === waits.causes[i]); return at < 0 ? 99 : at; };
    return place(a) - place(b);
  });

  const legend = (waits) => el("div", { class: "legend" }, ...ordered(waits).map((i) =>
    el("span", {}, el("i", { style: `background:var(--${causeOf(waits.causes[i]).colour})` }), causeOf(waits.causes[i]).name)));

  const inWords = (detail) => {
    const { waits } = detail, all = d3.sum(waits.total_ns);
    const by = ordered(waits).map((i) => ({ name: causeOf(waits.causes[i]).name, share: waits.total_ns[i] / all })).sort((a, b) => b.share - a.share);
    return `Of the time of all downloads together, ${by.slice(0, 3).filter((b) => b.share > 0.0005).map((b) => `${shoal.percent(b.share)} went to \u201c${b.name}\u201d`).join(", ")}.` +
      (detail.sentences.length ? ` The longest: ${shoal.shown(detail.sentences[0][2])}.` : "");
  };

  /* What `shoal explain` says of each. */
  const sentences = (detail) => el("details", {}, el("summary", { text: "Each download in a sentence" }),
    el("ul", {}, ...detail.sentences.map(([, , text]) => el("li", {}, el("bdi", { text: `${shoal.shown(text)}.` })))));

  const bars = (body, width, one, detail) => {
    const { waits } = detail, order = ordered(waits);
    const rows = d3.range(detail.nodes.length).filter((i) => d3.sum(waits.node_ns[i]) > 0);
    const each = Math.max(9, Math.min(20, 400 / rows.length)), left = Math.min(104, d3.max(rows, (i) => shoal.short(detail.nodes[i].name, 12).length) * 7 + 12);
    const place = { left, top: 8, width: width - left - 14, height: each * rows.length };
    const svg = shoal.svg(body, width, place.height + 54, `What each node of ${shoal.caseName(one)} waited for`);
    const x = d3.scaleLinear([0, d3.max(rows, (i) => d3.sum(waits.node_ns[i])) / 1e9], [place.left, place.left + place.width]);
    shoal.xAxis(svg, x, place, "s of download time");
    const every = Math.ceil(13 / each);
    rows.forEach((i, r) => {
      const y = place.top + r * each;
      let sum = 0;
      if (r % every === 0) svg.append("text").attr("class", "name").attr("x", left - 6).attr("y", y + each / 2 + 4).attr("text-anchor", "end").text(shoal.short(detail.nodes[i].name, 12));
      order.forEach((c) => {
        const s = waits.node_ns[i][c] / 1e9;
        if (s <= 0) return;
        svg.append("rect").attr("x", x(sum)).attr("width", Math.max(0.3, x(sum + s) - x(sum))).attr("y", y + 1).attr("height", each - 2)
          .attr("fill", `var(--${causeOf(waits.causes[c]).colour})`);
        sum += s;
      });
    });
    listen(svg, place, rows, each, detail, order);
  };

  /* Up and down choose a node. */
  const listen = (svg, place, rows, each, detail, order) => {
    const { waits } = detail, node = svg.node();
    const mark = svg.append("rect").attr("class", "cell").attr("x", place.left).attr("width", place.width).attr("height", each).style("display", "none");
    let row = -1;
    const show = (r, clientX, clientY) => {
      row = r;
      mark.attr("y", place.top + r * each).style("display", null);
      const box = node.getBoundingClientRect(), i = rows[r];
      shoal.tip.show([`${shoal.shown(detail.nodes[i].name)}: ${shoal.seconds(d3.sum(waits.node_ns[i]) / 1e9)}`,
        ...order.filter((c) => waits.node_ns[i][c] > 0).map((c) => `${causeOf(waits.causes[c]).name}: ${shoal.seconds(waits.node_ns[i][c] / 1e9)}`)],
      clientX ?? box.left + place.left, clientY ?? box.top + place.top + (r + 1) * each);
    };
    const hide = () => { mark.style("display", "none"); shoal.tip.hide(); };
    svg.attr("tabindex", 0).on("pointermove", () => {
      const r = Math.floor((d3.mouse(node)[1] - place.top) / each);
      if (r >= 0 && r < rows.length) show(r, d3.event.clientX, d3.event.clientY);
      else hide();
    }).on("pointerleave blur", hide).on("keydown", () => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[d3.event.key];
      if (!step) return;
      d3.event.preventDefault();
      show(Math.max(0, Math.min(rows.length - 1, row + step)));
    });
  };

  shoal.waits = (parent, one, getDetail) => shoal.figure(parent, {
    title: "Where the time went", name: "waits", height: 300,
    draw: (body, width) => {
      const detail = getDetail();
      if (!detail) return shoal.nothing(body, "This model was not played.");
      if (!detail.waits) return shoal.nothing(body, "What each download waited for was not recorded in this run (shoal run --store FILE records it).");
      bars(body, width, one, detail);
      body.append(legend(detail.waits));
      if (detail.sentences.length > 1) body.append(sentences(detail));
      return inWords(detail);
    },
  });

  /* ---- over time: what took most of each step ---- */

  const read = (detail) => shoal.once(detail, "longest", () => {
    const from = shoal.unpack(detail.waits.longest);
    return detail.nodes.map(() => Uint8Array.from({ length: detail.steps }, () => from.next()));
  });

  const timeInWords = (detail, rows) => {
    const count = new Array(detail.waits.causes.length + 1).fill(0);
    rows.forEach((row) => row.forEach((c) => count[c]++));
    const changes = d3.sum(rows, (row) => d3.sum(row, (c, i) => (i && c && row[i - 1] && c !== row[i - 1] ? 1 : 0)));
    const main = 1 + d3.scan(count.slice(1), (a, b) => b - a);
    return `Each cell has the colour of what took most of that ${shoal.seconds(detail.length_s / detail.steps)}: in ${shoal.percent(count[main] / d3.sum(count.slice(1)))} of them` +
      ` \u201c${causeOf(detail.waits.causes[main - 1]).name}\u201d. It changed ${shoal.plural(changes, "time")} from one cell to the next.`;
  };

  shoal.waitsOverTime = (parent, one, getDetail) => shoal.figure(parent, {
    title: "What each node waited for, over time", name: "waits-time", height: 300,
    draw: (body, width) => {
      const detail = getDetail();
      if (!detail?.waits) return shoal.nothing(body, "What each download waited for was not recorded in this run.");
      const all = read(detail), step = detail.length_s / detail.steps;
      const shown = d3.range(detail.nodes.length).filter((i) => all[i].some((c) => c > 0));
      const palette = [null, ...detail.waits.causes.map((key) => d3.rgb(shoal.colour(causeOf(key).colour)))];
      shoal.heatmap(body, width, {
        label: `What each node of ${shoal.caseName(one)} waited for, over time`, rows: shown.map((i) => detail.nodes[i].name), columns: detail.steps,
        x: [0, detail.length_s], unit: "s since the first download began", colour: (r, c) => palette[all[shown[r]][c]],
        describe: (r, c) => [shoal.shown(detail.nodes[shown[r]].name), `${shoal.seconds(c * step)} to ${shoal.seconds((c + 1) * step)}`,
          all[shown[r]][c] ? `most: ${causeOf(detail.waits.causes[all[shown[r]][c] - 1]).name}` : "no download going on"],
      });
      body.append(legend(detail.waits));
      return timeInWords(detail, shown.map((i) => all[i]));
    },
  });
}
