/* Who gave whom how much: givers in rows, receivers in columns. */
{
  const read = (detail) => shoal.once(detail, "gave", () => {
    const from = shoal.unpack(detail.gave), n = detail.nodes.length;
    const bytes = d3.range(n).map(() => new Float64Array(n));
    while (!from.done()) {
      const giver = from.next(), receiver = from.next();
      bytes[giver][receiver] = from.next();
    }
    return bytes;
  });
  shoal.gave = read;

  const inWords = (detail, bytes) => {
    const given = bytes.map((row, i) => ({ node: detail.nodes[i], sum: d3.sum(row) }));
    const shown = d3.sum(given, (g) => g.sum);
    if (!shown) return "Nobody gave anything.";
    const most = given[d3.scan(given, (a, b) => b.sum - a.sum)];
    const sources = d3.sum(given.filter((g) => g.node.is_source), (g) => g.sum);
    const sampled = shown < detail.gave_in_all_bytes ? ` Shown are ${shoal.bytes(shown)} of ${shoal.bytes(detail.gave_in_all_bytes)} that were given in all.` : "";
    return `Most was given by ${shoal.shown(most.node.name)}: ${shoal.bytes(most.sum)}, ${shoal.percent(most.sum / shown)} of it.` +
      ` ${shoal.percent(1 - sources / shown)} came from nodes that were downloading it themselves.${sampled}`;
  };

  shoal.sources = (parent, one, getDetail) => shoal.figure(parent, {
    title: "Who gave whom", name: "sources", height: 320,
    draw: (body, width) => {
      const detail = getDetail();
      if (!detail) return shoal.nothing(body, "This model was not played.");
      const bytes = read(detail);
      const givers = d3.range(detail.nodes.length).filter((i) => detail.nodes[i].is_source || d3.sum(bytes[i]) > 0);
      const receivers = d3.range(detail.nodes.length).filter((i) => detail.nodes[i].downloads > 0);
      const most = d3.max(givers, (g) => d3.max(bytes[g]));
      if (!most) return shoal.nothing(body, "Nobody gave anything in this run.");
      shoal.heatmap(body, width, {
        label: `Who gave whom in ${shoal.caseName(one)}`, rows: givers.map((i) => detail.nodes[i].name), columns: receivers.length,
        columnNames: receivers.map((i) => detail.nodes[i].name), unit: "rows gave, columns received, bytes", cellHeight: 18,
        legend: { label: "", ends: ["0", shoal.bytes(most)] },
        value: (r, c) => (bytes[givers[r]][receivers[c]] ? 0.08 + (0.92 * bytes[givers[r]][receivers[c]]) / most : null),
        describe: (r, c) => [`${shoal.shown(detail.nodes[givers[r]].name)} \u2192 ${shoal.shown(detail.nodes[receivers[c]].name)}`, shoal.bytes(bytes[givers[r]][receivers[c]])],
      });
      return inWords(detail, bytes);
    },
  });
}
