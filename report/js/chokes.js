/* The choke state: how many neighbours serve each node. */
{
  const read = (detail) => shoal.once(detail, "serving", () => shoal.unpackRows(detail.chokes.serving, detail.nodes.length, detail.steps + 1));

  const inWords = (detail, shown, rows, end) => {
    const whole = shown.map((i) => ({ name: detail.nodes[i].name, mean: d3.mean(rows[i].subarray(0, end[i] + 1)) }));
    const least = whole[d3.scan(whole, (a, b) => a.mean - b.mean)], most = whole[d3.scan(whole, (a, b) => b.mean - a.mean)];
    return `While they were downloading, nodes were served by ${shoal.number(d3.mean(whole, (w) => w.mean), 1)} neighbours on average:` +
      ` ${shoal.shown(most.name)} by most, ${shoal.number(most.mean, 1)}, and ${shoal.shown(least.name)} by fewest, ${shoal.number(least.mean, 1)}.` +
      ` There were ${shoal.plural(detail.chokes.events, "choke or unchoke", "chokes and unchokes")} in all.`;
  };

  /* Until when a node was downloading, in steps. */
  const ends = (detail) => detail.nodes.map((node, i) => {
    const own = detail.downloads.filter((d) => d[0] === i);
    const last = own.some((d) => d[4] === null) ? detail.length_s : d3.max(own, (d) => d[4]) || 0;
    return Math.max(0, Math.min(detail.steps, Math.round((last / detail.length_s) * detail.steps)));
  });

  shoal.chokes = (parent, one, getDetail) => shoal.figure(parent, {
    title: "Who is served, and by how many", name: "chokes", height: 300,
    draw: (body, width) => {
      const detail = getDetail();
      if (!detail) return shoal.nothing(body, "This model was not played.");
      if (!detail.chokes) return shoal.nothing(body, "Nobody was choked or unchoked in this run.");
      const rows = read(detail), end = ends(detail);
      const shown = d3.range(detail.nodes.length).filter((i) => detail.nodes[i].downloads > 0);
      if (!shown.length) return shoal.nothing(body, "Nobody downloads anything in this run.");
      const most = Math.max(1, detail.chokes.most), step = detail.length_s / detail.steps;
      shoal.heatmap(body, width, {
        label: `How many neighbours serve each node of ${shoal.caseName(one)}`, rows: shown.map((i) => detail.nodes[i].name), columns: detail.steps + 1,
        x: [0, detail.length_s], unit: "s since the first download began", legend: { label: "served by", ends: ["0", String(most)] },
        value: (r, c) => (c > end[shown[r]] ? null : rows[shown[r]][c] / most),
        describe: (r, c) => [shoal.shown(detail.nodes[shown[r]].name), `at ${shoal.seconds(c * step)}: ` +
          `${c > end[shown[r]] ? "done; " : ""}served by ${shoal.plural(rows[shown[r]][c], "neighbour")}`],
      });
      return inWords(detail, shown, rows, end);
    },
  });
}
